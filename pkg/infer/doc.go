// Package infer writes a model file for an export that has none.
//
// [Infer] takes what package inspect has found and decides, in this order:
// which groups of items are one type ([itemType]), what their keys look like and
// which columns they have, which columns refer to which types, and which types
// are facts, which are dimensions, and which are neither.
//
// Each decision stands on what was counted, never on a name alone, and says so in
// a comment of the file. What is likely but not certain is a question at the top
// of the file, with the edit that answers it.
//
// A model that is written has been read by [model.Read]. What it refuses is left
// out, and becomes a question. Types are wide where the data leave a choice: a
// model that loads everything can be made narrower, and one that sets items aside
// hides them.
package infer
