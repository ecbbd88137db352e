// Package inspect finds out what an export without a model holds: what its keys
// look like, and which attributes items have, with their types, lengths, ranges
// and formats.
//
// [Export] reads every data file once. What it keeps is bounded: sketches
// instead of values, and at most a few hundred groups of items. A [Group] holds
// the items whose keys have one form, and whose type attributes, if there are
// any, say the same. Two groups can be merged, so that readers of the files work
// side by side, and package infer can decide later that two forms are one.
//
// A key is cut at its delimiters into segments, see [Cut]. What looks like a
// word is a literal at first. Where one place has too many different words, they
// are values.
package inspect
