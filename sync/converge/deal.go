package converge

// refusedShare is by how much a request for refs shrinks with each time in a row that they were refused.
const refusedShare = 4

// deal puts refs into requests, in their order, each of at most most refs. When a platform refuses a request without saying which
// ref is at fault, all its refs wait; so refs that were refused together are asked for in smaller requests, and after a few refusals
// the one at fault is alone.
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
