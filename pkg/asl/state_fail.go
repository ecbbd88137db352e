package asl

import "context"

// failState ends the flow with an error. Error and Cause are written in the
// definition or computed from the input.
type failState struct {
	base
	err   expression
	cause expression
}

func parseFail(f *fields, b base) state {
	s := failState{base: b}
	s.err = f.failText("Error", "ErrorPath")
	s.cause = f.failText("Cause", "CausePath")
	return s
}

// failText reads a text that is given either literally or by a path.
func (f *fields) failText(field, pathField string) expression {
	literal := constant{value: f.text(field)}
	if !f.has(pathField) {
		f.get(pathField)
		return literal
	}
	if f.has(field) {
		f.refuse(pathField, "stands beside %s", field)
	}
	return f.expression(pathField)
}

func (s failState) targets() []target { return nil }

func (s failState) run(_ context.Context, v *visit) (outcome, error) {
	name, err := s.text(v, s.err, "ErrorPath")
	if err != nil {
		return outcome{}, err
	}
	cause, err := s.text(v, s.cause, "CausePath")
	if err != nil {
		return outcome{}, err
	}
	return outcome{}, &TaskError{Name: name, Cause: cause}
}

func (s failState) text(v *visit, expr expression, field string) (string, error) {
	value, err := expr.eval(v.scope(v.raw))
	if err != nil {
		return "", v.located(err)
	}
	text, ok := value.(string)
	if !ok {
		return "", v.located(failf(ErrorRuntime, "%s gives %s, not a string", field, typeName(value)))
	}
	return text, nil
}
