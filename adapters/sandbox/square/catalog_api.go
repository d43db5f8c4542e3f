package square

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// setMax is how many values a set_query takes, idsMax how many ids a batch
// (https://developer.squareup.com/reference/square/catalog-api/search-catalog-objects).
const (
	setMax = 250
	idsMax = 1000
)

// searchRequest is SearchCatalogObjectsRequest, as far as it is pretended.
type searchRequest struct {
	Cursor  string       `json:"cursor"`
	Types   []string     `json:"object_types"`
	Deleted bool         `json:"include_deleted_objects"`
	Related bool         `json:"include_related_objects"`
	Begin   string       `json:"begin_time"`
	Query   *searchQuery `json:"query"`
	Limit   int          `json:"limit"`
}

type searchQuery struct {
	Exact *struct {
		Name  string `json:"attribute_name"`
		Value string `json:"attribute_value"`
	} `json:"exact_query"`
	Set *struct {
		Name   string   `json:"attribute_name"`
		Values []string `json:"attribute_values"`
	} `json:"set_query"`
	Prefix *struct {
		Name  string `json:"attribute_name"`
		Value string `json:"attribute_prefix"`
	} `json:"prefix_query"`
}

// check refuses a query that Square refuses, or that is not pretended.
func (q *searchQuery) check() *apiError {
	names, given := []string{}, 0
	if q.Exact != nil {
		names, given = append(names, q.Exact.Name), given+1
	}
	if q.Prefix != nil {
		names, given = append(names, q.Prefix.Name), given+1
	}
	if q.Set != nil {
		names, given = append(names, q.Set.Name), given+1
		if len(q.Set.Values) == 0 || len(q.Set.Values) > setMax {
			return refusal("INVALID_VALUE", "query.set_query.attribute_values", fmt.Sprintf("Give 1 to %d values.", setMax))
		}
	}
	if given != 1 {
		return refusal("INVALID_VALUE", "query", "Give one of exact_query, set_query, prefix_query.")
	}
	if names[0] != "sku" && names[0] != "name" {
		return refusal("INVALID_VALUE", "query", fmt.Sprintf("Attribute %.30q is not searchable.", names[0]))
	}
	return nil
}

// takes says whether an object matches; case does not matter.
func (q *searchQuery) takes(o objectJSON) bool {
	attribute := func(name string) string {
		switch {
		case o.Item != nil && name == "name":
			return o.Item.Name
		case o.Variation != nil && name == "name":
			return o.Variation.Name
		case o.Variation != nil:
			return o.Variation.SKU
		}
		return ""
	}
	switch {
	case q.Exact != nil:
		return strings.EqualFold(attribute(q.Exact.Name), q.Exact.Value)
	case q.Prefix != nil:
		return strings.HasPrefix(strings.ToLower(attribute(q.Prefix.Name)), strings.ToLower(q.Prefix.Value))
	}
	return slices.ContainsFunc(q.Set.Values, func(value string) bool { return strings.EqualFold(attribute(q.Set.Name), value) })
}

// searchCatalog answers a search. Without object_types it finds top-level objects only, so no variations.
func (s *Shop) searchCatalog(w http.ResponseWriter, r *http.Request) {
	var in searchRequest
	query, ok := readRequest(w, r, &in)
	if !ok {
		return
	}
	begin, ok := optionalTime(w, "begin_time", in.Begin)
	if !ok {
		return
	}
	if in.Query != nil {
		if err := in.Query.check(); err != nil {
			refuse(w, err)
			return
		}
	}
	if in.Limit < 1 || in.Limit > pageMax {
		in.Limit = pageDefault // a limit out of range is ignored
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []objectJSON
	for _, o := range s.objects(in.Types) {
		if (in.Deleted || !o.Deleted) && (in.Query == nil || in.Query.takes(o)) && o.changedAfter(begin) {
			found = append(found, o)
		}
	}
	page, next, ok := pageOf(w, found, objectKey, query, in.Cursor, in.Limit)
	if !ok {
		return
	}
	answer := catalogAnswer{Objects: page, Cursor: next, Canary: s.opts.Canary}
	if !s.catalogAt.IsZero() {
		answer.Latest = s.catalogAt.Format(micros)
	}
	if in.Related {
		answer.Related = s.relatedTo(page)
	}
	shop.WriteJSON(w, http.StatusOK, answer)
}

func objectKey(o objectJSON) string { return o.ID }

// changedAfter is begin_time, which is exclusive.
func (o objectJSON) changedAfter(begin time.Time) bool {
	updated, err := time.Parse(micros, o.Updated)
	return err == nil && updated.After(begin)
}

// objects lists catalog objects of some types, the deleted included; items only when no type is named. The caller holds
// the mutex.
func (s *Shop) objects(types []string) []objectJSON {
	if len(types) == 0 {
		types = []string{typeItem}
	}
	var all []objectJSON
	for _, v := range s.variations {
		for _, kind := range []string{typeItem, typeVariation} {
			if slices.Contains(types, kind) {
				all = append(all, s.objectOut(v, kind))
			}
		}
	}
	return all
}

// relatedTo is related_objects: the items around variations, and the units they are measured in. The caller holds the mutex.
func (s *Shop) relatedTo(objects []objectJSON) []objectJSON {
	var related []objectJSON
	units := map[int]bool{}
	for _, o := range objects {
		if o.Variation == nil {
			continue
		}
		v := s.variations[o.ID]
		related = append(related, s.objectOut(v, typeItem))
		if decimals := v.listing.MeasuredTo; decimals > 0 && !units[decimals] {
			units[decimals] = true
			related = append(related, s.unitOut(decimals))
		}
	}
	return related
}

// listCatalog lists the catalog, without what was deleted.
func (s *Shop) listCatalog(w http.ResponseWriter, r *http.Request) {
	var types []string
	if list := r.URL.Query().Get("types"); list != "" {
		types = strings.Split(strings.ToUpper(list), ",") // case does not matter
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	live := slices.DeleteFunc(s.objects(types), func(o objectJSON) bool { return o.Deleted })
	page, next, ok := pageOf(w, live, objectKey, r.URL.Query().Get("types"), r.URL.Query().Get("cursor"), pageDefault)
	if !ok {
		return
	}
	shop.WriteJSON(w, http.StatusOK, catalogAnswer{Objects: page, Cursor: next, Canary: s.opts.Canary})
}

// findObject finds an item or a variation by id. The caller holds the mutex.
func (s *Shop) findObject(id string) (objectJSON, bool) {
	if v := s.variations[id]; v != nil {
		return s.objectOut(v, typeVariation), true
	}
	for _, v := range s.variations {
		if v.itemID == id {
			return s.objectOut(v, typeItem), true
		}
	}
	return objectJSON{}, false
}

// retrieveCatalog answers with the objects asked for, as far as they exist.
func (s *Shop) retrieveCatalog(w http.ResponseWriter, r *http.Request) {
	var in struct {
		IDs     []string `json:"object_ids"`
		Related bool     `json:"include_related_objects"`
		Deleted bool     `json:"include_deleted_objects"`
	}
	if _, ok := readRequest(w, r, &in); !ok {
		return
	}
	switch {
	case len(in.IDs) == 0:
		refuse(w, refusal("MISSING_REQUIRED_PARAMETER", "object_ids", "Field must be set."))
		return
	case len(in.IDs) > idsMax:
		refuse(w, refusal("ARRAY_LENGTH_TOO_LONG", "object_ids", fmt.Sprintf("Array must not be longer than %d.", idsMax)))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []objectJSON
	for id := range filterOf(in.IDs) {
		if o, ok := s.findObject(id); ok && (in.Deleted || !o.Deleted) {
			found = append(found, o)
		}
	}
	slices.SortFunc(found, func(a, b objectJSON) int { return strings.Compare(a.ID, b.ID) })
	answer := catalogAnswer{Objects: found, Canary: s.opts.Canary}
	if in.Related {
		answer.Related = s.relatedTo(found)
	}
	shop.WriteJSON(w, http.StatusOK, answer)
}

// getCatalogObject answers with one object that was not deleted.
func (s *Shop) getCatalogObject(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	object, ok := s.findObject(r.PathValue("id"))
	if !ok || object.Deleted {
		refuse(w, refusal("NOT_FOUND", "object_id", "Catalog object not found."))
		return
	}
	answer := catalogAnswer{Object: &object, Canary: s.opts.Canary}
	if r.URL.Query().Get("include_related_objects") == "true" {
		answer.Related = s.relatedTo([]objectJSON{object})
	}
	shop.WriteJSON(w, http.StatusOK, answer)
}
