// Package reconcile is the engine: it decides what readings, movements and answers to our own writes mean. It is a pure
// function from a locked snapshot and a batch of inputs to entries, ref states and wishes. It has no clock, no I/O, no
// goroutine, and its results do not depend on the order of a map.
//
// # The idea
//
// A shelf is one item at one location; its level is the units available there. A ref is how one channel names a shelf. Every
// ref has a counter on its platform that others change behind our back. Three kinds of input are never mixed up:
//
//   - a reading is what a counter shows: absolute, without a cause. It is the only thing that moves a level;
//   - a movement is why a counter changed: a signed quantity with a cause and a natural key. It explains, once, for ever;
//   - a push is our own write: a delta with an idempotency key, stored before it is sent. It moves what we expect.
//
// For every ref the ledger keeps expected: its baseline, plus all differences posted, plus all our effective pushes. Whatever a
// counter shows beyond that, somebody else did. Posting the difference raises expected to what was shown, so the next difference
// begins where this one ended: whatever others do is counted once, however many readings are lost, late or repeated.
//
// # The rules
//
// R1 Reading (reading.go, postDifference). d = shown - expected. If d is not zero it is posted at once between the level and
// the ref's suspense account, and expected += d. So the level is right at once, although nobody has said yet why it changed.
//
// R2 Movement (movement.go, order.go, news.go). Units move from the suspense account to their cause. The level never moves by it. If
// the counter may not show the movement yet, the ref is read again, until three seconds after it; its webhook has a second to come
// first, and a read that was sent after the three seconds and brought the movement itself is the last. A movement is known by its key;
// the fingerprint beside it (fingerprint.go) holds what the platform said and never our word for the cause, so that a cause can be
// taught later. A movement or order with a word that nobody knows is counted, and what the word may say explains nothing.
//
// R3 Push answered (call.go). expected += delta, without a posting. Counts in the answer to a write are not readings.
//
// R4 Own reads (reading.go, ownCount). Reads and pushes of a ref never overlap, so an own read contains every push answered
// before it. It is dropped and repeated when its version is older than the last accepted one, or than a push of ours that had
// its effect: the platform answered from a copy that lags behind. It is repeated too when a delivered reading was accepted while
// it was under way and it is not newer than that one. Older reads are not repeated for ever: of three in a row the third is
// believed. It is sent three seconds after the second, by when a copy has caught up; what it shows now is what the counter
// shows, and the entry notes that the version went back.
//
// R5 Delivered readings (reading.go, deliveredCount) count only if they are newer than what was accepted and no push is in
// flight or unconfirmed. One that equals expected asks nothing, nor does one that equals what will be expected when the push in flight
// is answered: most likely it is that push, and if it is refused the ref is read. If its version is of before the push, somebody else did
// just as much: the ref is read. Where the platform keeps no history one that equals expected confirms the pushes that were answered
// before its version, and any other those that were answered three seconds before it, and then counts. What is left is not guessed about:
// the ref is read again.
//
// R6 What did our push do? (feed.go). Where the platform keeps a history, a recount absorbs a push that occurred before it and
// was received after it: the push then has no effect. History decides about every unconfirmed push before any difference is
// posted; an exact tie goes to a person. A row of ours whose call was refused is our write after all: an attempt that was on its
// way in the network when another one was refused.
//
// R7 Unknown outcome (call.go, callOpen). The same key and body are sent again until the outcome is definite. Before the
// platform forgets the key the ref is set aside, and a person says what became of the push.
//
// R8 Baseline (baseline.go, anew.go, link.go). A ref begins with a read; differences count from there. The other refs of a shelf are
// read first, the authority last, which is not asked before its turn, and only it posts the opening. Where two of its articles share a shelf each posts its part and the
// last one opens: a sum of which a part is unknown is unknown. A counter that is missing is unknown, never zero. Where the platform
// keeps no history two readings must be equal, three seconds apart, with no order in between; what a plan read may be the first. An authority that
// was missing and is counted later begins its shelf anew: its count holds what the others sold and received meanwhile, so what they
// posted is taken off the level, they are read again, and it is read last; if it is away again before that, it all begins once more
// when it is back. They keep their first baselines for explaining. Unlinking
// waits until the outcome of every call is definite, forgets expected and posts nothing; linking the ref again while it waits
// leaves it linked as it was. A ref that was linked before gets its first read three seconds later: a copy that lags behind may
// not show our last push yet, which would count as somebody else's for ever. Of items that are unlinked or not tracked only the
// counters of their orders are kept.
//
// R9 Joining (join.go). A ref whose baseline is taken on a shelf that is open already (linked later, tracked again, made anew, back
// after it was gone, counted for the first time) joins the shelf if it shows its target. If not, it waits: it is read as ever, and
// what others do to it is explained as ever, but posted against the opening instead of the level, and nothing is pushed to it. A
// person says what the count means, beforehand with the link or when it waits: other goods (add: the level grows by it), a wrong
// counter (level: the level is pushed) or a wrong level (counter: the count becomes the level), an entry each. The word is about the
// two numbers of when the ref came. What others did since happened whatever the answer: at the other counters it is in the level
// already, at the counter that waited it moves the level then (for add it is in the count). With a count of c that came to a level of
// l, and others' w at the waiting counter and e elsewhere, the level is l + e while it waits and becomes l + e + c + w by add, l + e + w
// by level, c + e + w by counter. It never joins by itself: that the level comes by the number that waits says nothing about the goods.
//
// A change of the waiting counter of which nobody told the cause may be a sale that is told late, or a person who counted the shelf and
// typed that in: such a count holds what others did before it, and a sale does not. So it is asked (JoinRef.Untold) where the level
// depends on it, and a standing answer leaves the ref waiting. Of a count that was typed in, c and l are the numbers of then. A ref that
// is not tracked, or gone, while it waits comes back with what it sold, and waits even with an equal count. Where several refs wait for
// one shelf, each came to the level with what the others sold until then, and a person's word on one corrects what the others came to.
//
// A ref that is linked where the configuration does not have its location (place.go: taken out, or given to another of ours) waits in the
// same way, for nobody can tell whose units it counts: what others do to it is posted against the opening, nothing is pushed, no baseline
// is taken, and nobody is asked. When the location is back it is read, and joins if it shows its target and others did nothing to it;
// else it goes on waiting, with the two numbers of when the location was lost.
//
// A ref whose item the platform does not know any more is gone (gone.go), by an own read or a refusal that says so: expected is
// forgotten, nothing is tried any more, and nobody waits for it. If a count of it is shown again it begins with a baseline and joins.
//
// R10 Facts change (correction.go). A platform may edit a row of its history under its id: Square does, for a year, the quantity and
// the reason, never the states, the place or the time. The same key with another content is therefore a correction: the difference
// to what was booked is booked as a movement of its own, under a key of its own (ledger.EditKey), which names the entry that it
// corrects; a row edited to nothing is taken back whole. Like every movement it never moves the level. Which of two contents is the
// newer one no row says: it has no version, and what it has of times are not touched by an edit. So the order of our questions
// decides: an answer that was asked for when the last content had been booked for three seconds is newer, for the platform had told
// that one before. Three seconds, because a copy may lag behind so long. Of any other answer nothing is believed; the row is read
// again, by a read that reaches back to it. So it does not matter in which order and how often tellings arrive, and a row that is
// edited back to what it was at first is corrected once more. Where no new row explains a difference, history is read once more, back
// to the last recount or the baseline, a year at most: a platform need not list a row anew because it was edited. A row of ours that somebody edits stays ours: it is noted, explains
// nothing, and what the counter shows of it has no cause. ErrKeyReused is left for what no platform can mean: two contents of one row
// in one answer, a row that moves to another place, a recount whose count changes.
//
// # Settling
//
// What stays in suspense a person may settle (settle.go): they say where the units belong, and the level does not move. It is the
// weakest word: what the channel tells later of the time before is taken out of the settlement again, from the oldest that may hold it.
// So the books come to the same whether a late sale is told before or after somebody has booked what was missing. A settlement knows the
// version of the counter it was about; what happened after that it does not hold, nor what came after a baseline. Brakes are not
// answered by it. A person who was wrong reopens what they have settled.
//
// # What is read when
//
// A wish for a read has a time from which on it is due. What somebody waits for is due at once: a counter in doubt, a zero or a raise that
// wants its second reading, a level that a webhook shows and that cannot be told from our pushes, a baseline, a person. What nobody waits
// for is due at the next of moments that lie five seconds apart and are the same for all refs (gather.go), so that one request answers
// for all: why a counter changed, not before three seconds later, when everything until then shows; what a push did, where history must
// say so; whether a movement shows that a reading has most likely shown; history that is read far back. Orders are read two seconds before,
// so that they and the end of their three seconds need one read of their counters.
//
// # Targets and brakes
//
// A counter's target is the level, floored to what its platform takes (target.go); while another channel, whose mark counts for all,
// marks the item as sold out, it is none, or what is oversold (soldout.go). The mark moves no unit and no level, and ends with its item or its link. A push is the difference between target and
// expected, and is computed when its call is planned. Brakes (brake.go, typedtwice.go, typedover.go, otherprogram.go, masschange.go, masschange_judge.go) hold pushes back, never postings: the ledger stays right, only other counters wait.
// So does a counter that is linked where the configuration does not have it (place.go). No mass change is made of what waits so.
//
//	brake              what it holds back               when it lets go                 who releases
//	observing          every push of a shelf that       when the authority's baseline   a person, who applies
//	                   has no opening                   opens the shelf                 a baseline
//	zero unconfirmed   pushes to zero or below, after   when an own read sent after     nobody: it lets go by
//	                   a reading brought the level      that reading is accepted, and   itself
//	                   there                            after 5 s at most
//	raise unconfirmed  pushes that raise a counter,     when an own read sent after     nobody: it lets go by
//	                   after a reading raised the       that reading is accepted,       itself
//	                   level                            however long it takes
//	typed in twice     pushes that raise a counter of   when a movement explains one    a person, who may also take
//	                   the shelf; of a count, pushes    of the two changes              the second change back
//	                   to below zero; over a mark,
//	                   what it adds to the level
//	other program      pushes to the other channels     when movements explain what     a person, who says who
//	                   that raise, and what of those    the counter did, or it acts     is right
//	                   that lower the program wrote     without us; not another
//	                                                    installation
//	mass change        the pushes of a channel, or     when what changed has causes    a person; what they were
//	                   the part of them, that have     or is put back                  shown passes then
//	                   no cause, when they are too
//	                   many within 10 minutes
//
// A zero does not wait for its second reading for ever. A level of zero that is wrong stops sales for some minutes; one that is
// right and not pushed sells what nobody has. So the read that confirms it is asked for at once, and what is not confirmed after
// ZeroHold goes as it is. The last few units wait too, although sales take so many: the second reading brings the cause, and without it such
// pushes would often look like a mass change in a small shop. A raise can wait: until then nobody is promised what may not be there. The
// reading that confirms wakes the channels whose pushes waited for it.
//
// # Mass changes
//
// A person or a program that sets a whole catalog to zero must not empty the other channels (masschange.go, uncaused.go). Every ref
// remembers what others did to the other counters of its shelf and nobody has explained: a movement takes out what it explains,
// before or after a reading shows it, and so does damage that is put back. Before each call that is added up over the channel: what
// was pushed within the last ten minutes, and what is to be pushed, however old, down or up. More shelves than the limit, or more per
// cent than the limit, from three shelves on, engage the brake, in the transaction that plans the call. Per cent are taken in two ways:
// of the units before, and of the shelves that had any, where a shelf counts by the part of its own units that changes (to empty it is
// all of it, to halve or to double it is half). Units alone would let one article of 9,999 hide that forty others are emptied; shelves
// alone would let three articles go that are most of what the shop has. The brake holds what has no cause. Of a
// shelf whose goods were sold meanwhile the sales are pushed and the rest waits; so a flash sale passes as fast as its orders are
// told. While it is engaged the window does not move on: nothing becomes right by waiting. A mark of sold out that counts for all
// channels changes what they should show; what is counted behind it does not.
//
// A release is about what the person was shown, counter by counter, and for a quarter of an hour about as much again of the same: the
// same counters, in the same direction. Whatever else changes meanwhile is judged as ever, and so is what goes back: one harmless word
// must not let a catalog go.
//
// A cause that only the word of who wrote it stands behind is none here (stock.EvidenceUnproven), though it explains in the books: a
// program that empties every shelf gives a reason for every row. What proves one the adapter of the platform says. Goods that staff type
// in as received count as proven: an ordinary delivery of thirty articles would engage the brake every morning in a shop of a hundred.
//
// What stands in a call was added up a moment before. Where the brake was engaged or released since, the call is planned again
// (PlanCall.Brake), so that a brake never speaks of two windows at once.
//
// A baseline changes counters for no reason but a person's word. What it wants pushed counts as without a cause too, unless that
// person applied it within the last hour and its plan said so. What counts that changed between the plan and the read that opens a
// shelf push beyond it, and what somebody does within that hour, counts as ever: in per cent of the units that the plan saw, where
// fewer are open yet.
//
// # Goods typed in twice
//
// Goods received are often typed in on every channel (typedtwice.go), and then count twice. Every raise that others make is
// remembered with its version, without what is certainly no goods received: what movements explain in another way (restocked orders,
// returns), whether they are told before the counter shows them or after, a late write of ours, and a raise that fell back before a
// second reading confirmed it. What a reading shows together with a sale is as large as what came. Differences in suspense say
// nothing about a raise, and a recount may be how goods were typed in.
//
// A raise with an equal fall of the same item at another place of its channel, within five minutes, is a move (move.go): a transfer,
// or an order that is taken from another place. A fall that a sale explains is half of no move.
//
// A raise of as much as its counter lost before without a cause, by its last change or by its last few, puts an edit back and is no goods
// received, unless a movement says so, now or later: of the goods, or of sales that were the loss. But where the other counter rose from
// the same count, it had followed that loss, and the same may have been put back on both.
//
// Small raises meet by chance. One unit proves nothing: recounts and returns find one more every day. Two units prove nothing where
// one of the two counters showed another raise of one or two units within the last day, for then the shop makes such raises by itself.
//
// The same raise on two channels within fifteen minutes holds back pushes that raise a counter. Pushes that lower one pass, or a
// channel would sell what is gone. An example: 10 units came to a shelf of 8 and were typed in at the till, which we pushed to the
// web, and then on the web too: the till shows 18, the web 28. The till sells 12. If the web were not lowered now, it would go on
// offering 28, and there are 6. A person's answer names the raise that it is about and leaves other raises remembered.
//
// The steps may be other ones (typedsteps.go): 12 and 8 at the till, 20 on the web. Where single raises are no pair, everything larger
// than a small raise that came to both counters within the window is added up, after a window in which nothing as large as its steps did; of
// many raises some sums are always equal. Small raises count in a sum only where they are many, equal, and at once on the other channel: goods that were
// scanned one by one.
//
// A count is typed in twice too (typedcount.go). A person who finds the shelf empty sets both counters to zero before our push comes, or
// while we are down: each fell by eight, so the level is -8 and not 0. Two counters of a shelf, of one channel or of two, that fell to
// the same count without knowing of each other, and not by sales, are asked about: to zero always, above it if more than small falls did. Two
// who count may differ by one, and something may be sold between their counts: falls of ten or more within the window that are as large, but for
// one and what sales took of their counters then, are asked about too. What is damaged has a cause and may be counted on the other channel too.
// Hardly anything is held back: what lowers a counter may be sold, so it is pushed, to zero and not below, for a counter below zero offers no
// less. A correction takes back one of the two falls as a whole: the one that shows fewer sales, else the larger one. The other one holds all
// that is gone.
//
// Two persons who count many goods and type the counts in, neither knowing of the other, may differ by one: ten or more that two counters
// rose by, from the same count to counts one apart, are the same goods, and a correction takes back the fewer. A recount of none at a counter
// below zero is no goods received, for goods that came are counted as some; only another counter's rise to none by more than a few units,
// from the same count and without knowing of it, is the same. Two articles of a channel that share a shelf are sold and received all day: their raises are the same goods only where they began
// with the same count, neither knowing of the other. The same move on two channels, neither knowing of the other, is one move, and each of its
// places asks; but not in a shop where either counter has shown another move within the last day, and not of one or two units.
//
// # Typed in over a mark
//
// A counter that a mark of sold out elsewhere hides shows none, though the shelf has units (typedover.go). Who sees that may type in what
// stands there; it is posted as any raise, and the level has it twice. So a raise above zero at a counter that shows less than the level
// because of a mark is asked about by itself, of however many units; and so it is when the mark is gone and no reading contains the push yet
// that brings the counter back or lower, or no read of ours says that it needs none (Work.Hidden): a person, and we after a pause, may see the
// end of the mark late, and what was typed in before it. A return, a restocked order, goods that the channel tells as received, and a
// transfer explain it. What is put right within a quarter of an hour is taken off, a few minutes later, if no sale is told of it.
//
// Until somebody answers, counters are raised to the level without what was typed in, and no further; what lowers them is pushed. Such a
// raise is no half of goods typed in twice: of what is typed in on two hidden counters each is asked about, and a correction takes back all
// that was typed in on one, so that the level is what it would be without it.
//
// # Another program
//
// A program beside us may write a counter too (programwatch.go remembers how it answers our pushes, programway.go, programloop.go and
// programfollow.go judge that, otherprogram.go holds what it wrote).
//
// One with a number of its own, such as a shop's old connector, undoes our pushes: we push what the till sold, it writes the old number
// back, and that looks like goods that came, again and again. It is recognised when its counter twice in a row returns to the same count
// that it showed before our pushes, without a cause and without another change that has none between, but for changes the other way between
// returns minutes apart: what its channel sells may be told late. If it goes on counting that, its number moves; then it takes back three
// times just what we pushed, each time within minutes. Zero is what people count on an empty shelf, so a program that writes zero shows
// itself by coming back to it twice within minutes of our pushes, or three times. Returns from above and from
// below must be three too: so a counter moves that people put right. A person's hand edit does such a thing by chance now and
// then, and two hardly ever the same.
//
// One that mirrors another counter, as we do, answers our pushes: the till sells one, we lower the web by one, and so does it. We take that
// for a unit that somebody took, push it to the till, it sees the till lower and lowers the web again, and both counters run away. How much
// it writes says nothing: one that keeps the web at four fifths of the till empties both, one that takes twice as much does so at once.
// What they have in common is the loop (programloop.go): a change without a cause, our push that carries it, the next change the same way.
// A change answers a push if it goes the same way within minutes, is not small beside it and no rise to zero. What answers nothing says
// nothing: a recount by one, a change the other way, a sale that is told. The program is recognised when a counter answers four pushes one
// way, each within minutes of the answer before, for six seconds at least (eight at once). It writes at its own intervals: an answer after
// a pause unlike the one before counts half, for so people write, and shops whose sales are told late, unless it is larger than all
// before: a loop that grows is none of theirs. In a busy shop many changes come within minutes of some push of ours, so answers in a row are a loop only
// if they come to as much as we pushed to their counter meanwhile. Those look like a loop for a moment: what a movement explains counts no more, and speaks
// against answers before it that are as large. Where another application tells of its own writes, as it does on Square, that is no cause
// of them, but such changes count half, and only within a minute: it may be a channel that sells. However long the pauses, three answers
// or more that together come to four times what the counter would hold without them, and some, are a loop: nobody can sell as much. One
// that keeps its counter at a part of the other one, or at less than it, walks both to none, and may look once an hour (programfollow.go): it is
// found when three changes or more leave the same part of the level, or take off just as much, where that hardly ever fits by chance. Once
// it is recognised only a cause of what made it so, or a person, ends it; what answers nothing is pushed.
//
// Another installation of evenstock, or this one of before its data folder was lost, is told by the row that it leaves in a channel's
// history: its reference names no call of this ledger. One such row is enough. Shopify tells nobody who wrote a level; there it is a
// program like any other.
//
// The books follow the counter as ever (R1). What the program wrote since it was recognised is held where it would be pushed to the other
// counters: no push raises them, and of what lowers them that part waits; what is sold goes on. Where another installation writes, no
// counter of the shelf is pushed at all, for it pushes the sales too. A person says who is right: the program, and the others follow; or
// the ledger, and what the program wrote is taken back, also of before it was recognised, and its counter is pushed. If it goes on then,
// its first change engages the brake again.
//
// What it wrote is what looks like the way by which it was recognised (programway.go): the returns; or the answers one way, from the first
// one of the loop on; or the rows; of several ways all of them. A count that a person types in may look like another way by chance: a shelf
// is counted after a push of ours and holds less, which an answer does too, and then a program returns to that count. The person was right.
// The answer says how much is taken back, and what others did to the counter besides without a cause, which stays.
//
// # The states of a ref
//
//	            link                    first read
//	(never) ----------> linked ----------------------------> live <-----------------+
//	                      ^                                  |  ^                   |
//	                      | link                     missing |  | counted           | a person resolves
//	                      |                                  v  |                   |
//	                   unlinked <-- unlink, from any --- unreadable             set aside
//	                                                         |                      ^
//	          tracked again: a new baseline                  | untracked            | push undecided, or its
//	live <------------------------------------ untracked <---+--- live              | outcome unknown too long
//	                                                                 live ----------+
//
//	            a baseline on an open shelf, with another count            a person says: add, level or counter
//	linked, untracked, gone ----------------------------------> waiting ----------------------------------------> live
//
//	                 the configuration loses its location               back, with its target and untouched
//	live, unreadable ------------------------------------> waiting -----------------------------------> live, or waiting still
//
//	                 the platform does not know the item any more           counted again: a new baseline
//	any but set aside ----------------------------------------------> gone ------------------------------> live, or waiting
//
// # Why it is built this way: counter-examples
//
// Movements must not move levels. An order webhook is lost: the level never falls. It comes twice under two ids: it falls
// twice. It comes before the counter shows it, and a reading of the old count follows: the sale is undone. With levels moved
// by readings alone none of these can happen; what a lost movement leaves is a difference without a cause, which a sweep
// explains later.
//
// A recount can absorb our push while both counters look equal. The level is 10 on both sides. The web sells 2; we send -2 to
// the till, dated 12:00:00. Before it arrives a person counts the till's shelf, 10, dated 12:00:01. Square orders changes by
// the time they occurred: our -2 lies before the recount and has no effect. Its answer says success. If we believed it, we
// would expect 8, read 10, conclude that somebody brought 2 units, raise the level to 10, and push the 2 sold units back to
// the web: both counters equal at 10, and two units sold that nobody has.
//
// Equal counters prove little. In that example they are equal and both wrong. A ledger is right when its level is the opening
// plus what others did to the counters, each difference posted is what others did between two accepted readings, and what
// stays in suspense is what truly has no cause.
//
// Equal versions are not equal readings. Shopify's versions have one-second grain: two readings of the same second may differ
// and either may be the later one. Nothing is guessed from them; the ref is read again.
//
// A reading that shows what we expect need not contain our push. The counter shows 23. The web sells 3 (20), and its webhook is
// late. We push -1 (19) and -2 (17), and expect 20, not knowing of the sale. Now the late webhook says 20: newer than anything
// accepted, and equal to what we expect. If it confirmed the pushes, the next late webhook, 19, would count as a sale of one.
// A delivered reading confirms a push only if its version is later than the push's answer; and if it shows something else, three seconds
// later, for the clock that dates an answer need not be the one that dates a level, and a sale of before the push would be taken twice.
//
// A missing count is not zero. A purchase order at the till makes count rows in other states, and an item that was never
// counted has none; shops were emptied by programs that took either for 0.
//
// # Limits
//
// A copy that lags behind is recognised by its version only. When somebody else changed the counter within a second before our
// push, or after the push's call was planned, a copy from between the two is believed: the level is off by the push until the
// next reading, which takes it back. It stays off only if the ref is unlinked or untracked before that.
//
// Where the platform keeps no history, the two equal readings of a baseline allow for a level that follows an order three seconds
// late, not for a copy that lags behind as well. An order of that moment may then stay unexplained; levels are right.
//
// A ref that is linked or tracked again lists the orders of the ten minutes before. An order that changed earlier, while the ref
// was not, and that neither a webhook nor a sweep told of, explains that change too when it changes once more; levels are right.
//
// The counters of an order only grow. What an edit takes back from a line the platform tells as units put back, or not at all.
//
// An edit of a row (R10) takes no settlement back: nobody tells when it was made. If it was what had been settled, suspense holds its
// opposite, and a person reopens the settlement. The same goes for the oldest of more than 16 settlements of a ref.
//
// A ref that is linked or tracked again has a new baseline, which holds all that happened before: a sale of then that is told late is not
// booked, so what was settled before it, or is settled after it of what was left, is not taken back.
//
// An edit of a row that a baseline contains explains nothing: nobody can tell whether the baseline held it as it was or as it is.
//
// Behind a mark of sold out that counts for all channels, a shelf of which a push is not part of the call that is judged counts for the
// mass change brake by half of its part at most; by units it counts whole.
//
// Of what is typed in on one counter over a mark at different times, goods and numbers that were there already, one answer says all or nothing:
// then type the right number in at the channel that marks. Until it is answered, sales at one counter lower the others only from where the
// level comes below what they show, as with goods typed in twice.
//
// What was typed in twice is told from two things that happened by the numbers alone. Nobody can tell apart: a number of units more on one
// channel and one more or less on another after our push had come there; the same transfer typed in again then; counts above zero that were
// typed in on counters that differed before; and the same goods twice within a quarter of an hour, which is asked about for nothing.
//
// A program that keeps its counter a few units below the other one, and seldom looks, takes as much as people do who tell nothing; one that keeps
// it at a tenth is at none after two changes. Neither is found.
//
// A program that mirrors slowly writes sales and pushes of ours together, and what repeats some of our pushes then is not seen. It is found
// later, or by the brake on mass changes.
//
// # What it does not do
//
// It sends nothing and reads nothing: package converge does, by the wishes stored here. It does not know platforms, only their
// traits. It keeps no state: after a crash the same inputs meet the same snapshot.
package reconcile
