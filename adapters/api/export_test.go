package api

import (
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

// Document is the document as huma has it.
var Document = sync.OnceValue(func() *huma.OpenAPI { return build(http.NewServeMux(), Parts{}).OpenAPI() })
