package sweep

// ahead begins to ask for the next page of a list while the one before is worked on, for most of a sweep's time is waiting for answers.
// The function returned waits for the answer; whoever needs it no more ends the context that it is asked in, and waits all the same.
func ahead[T any](ask func() (T, error)) (wait func() (T, error)) {
	var answer T
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		answer, err = ask()
	}()
	return func() (T, error) {
		<-done
		return answer, err
	}
}
