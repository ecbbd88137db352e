// Package progress shows people how far work has come.
//
// On a terminal a [View] draws one block of lines, a stage each, and redraws it in
// place: something moves as long as work goes on. When the work has ended, stages
// that took long or failed stay as one line each. Anywhere else it writes plain
// lines with the same facts.
//
// It knows nothing about what the stages are.
package progress
