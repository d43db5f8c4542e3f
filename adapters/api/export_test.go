package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Document is the document as huma has it.
func Document() *huma.OpenAPI { return build(http.NewServeMux(), nil).OpenAPI() }
