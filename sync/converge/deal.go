package converge

// refusedShare is how many times fewer refs a request has for each refusal in a row of its refs.
const refusedShare = 4

// deal puts refs into requests of at most most refs, in their order. A refusal that blames none of them holds up all refs of its
// request; so what was refused together is not asked together again, and after a few refusals the ref at fault is alone.
func deal[T any](due []T, most int, refusals func(T) int) (requests [][]T) {
	filling := map[int]int{} // the request being filled, by how many refs it may have
	for _, ref := range due {
		size := most
		for range refusals(ref) {
			if size = size / refusedShare; size <= 1 {
				size = 1
				break
			}
		}
		i, open := filling[size]
		if !open || len(requests[i]) == size {
			i, filling[size] = len(requests), len(requests)
			requests = append(requests, nil)
		}
		requests[i] = append(requests[i], ref)
	}
	return requests
}
