// Package registry is what is set at run time, beside what is true of stock: which merchants there are, whether they work, and the shops of
// those that no configuration file declares.
//
// A merchant that the configuration declares has a record only when something was said about it, such as a pause; its settings are empty
// then, for no key is in both places. One that was added at run time has its shop's settings here, and a text for each of its channels; what
// they say is for whoever runs the merchant, and a store does not look into them. Secrets are not among them: settings name files.
//
//	     AddMerchant            SetState
//	none -----------> working <---------> paused
//	 ^                   |                  |
//	 |                   v     SetState     v
//	 +---------------- erasing <------------+
//	   RemoveMerchant
//
// Erasing is not taken back: a part of the merchant may be gone already. Whoever finds a merchant in that state after a crash goes on.
//
// The stores keep their contract by passing registrytest.
package registry
