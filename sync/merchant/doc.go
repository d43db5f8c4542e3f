// Package merchant runs everything that goes on by itself for one merchant: the reader of the stream, a worker for each channel,
// the sweeps on their schedule, the sweep after a loss, and the janitor of the stream.
//
//	          Start               Pause
//	stopped ---------> working <---------> paused
//	   ^                  |      Resume       |
//	   +------------------+-------------------+   Stop, the end of Start's context, or a part that fails
//
// Working: all parts run. Paused: nothing is consumed from the stream, nothing is read or pushed at a platform, and a sweep that
// somebody asks for is refused with ErrPaused. Webhooks go on being taken in, for the sink and the broker are not the merchant's:
// they wait on the stream. Pause returns when every part has ended, so that whoever paused may rely on it.
//
// Pausing is a stop without the end of the process, and Resume is a start without its beginning: both go through the ledger. Reading
// goes on from the ledger's offsets, and workers are made anew and find in the ledger what their predecessors intended. A push that
// was on its way may have been applied: its call is stored and is sent again under the same key. So nothing is lost or done
// twice, whenever a pause comes. Wakes that come meanwhile are kept.
//
// A part fails only by what no retry mends, such as a schedule that cannot be read; then everything stops, and Wait says why. A
// platform that does not answer stops nobody but its own worker.
//
// Where several processes could do the work, one does, in terms (InTerms): a term begins when it takes the Office and ends when it loses it or is
// told to end. Taking webhooks in is not the office's.
//
// The package opens and closes nothing: store, log and platforms are handed in, and outlive it.
package merchant
