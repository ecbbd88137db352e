package asl

// dataflow is what Task, Parallel, Map and Pass states do around their work:
//
//	input  = InputPath(raw input), then Parameters
//	result = ResultSelector(result of the work)
//	output = OutputPath(raw input with the result at ResultPath)
//
// See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html.
type dataflow struct {
	inputPath      dataPath
	parameters     *template
	resultSelector *template
	resultPath     dataPath
	outputPath     dataPath
}

// edges reads the two paths that nearly every state has.
func (f *fields) edges() dataflow {
	return dataflow{inputPath: f.dataPath("InputPath"), outputPath: f.dataPath("OutputPath")}
}

// effectiveInput applies InputPath and Parameters.
func (d dataflow) effectiveInput(v *visit) (any, error) {
	input, err := v.selectPath("InputPath", d.inputPath, v.raw)
	if err != nil {
		return nil, err
	}
	return v.fill("Parameters", d.parameters, input)
}

// output applies ResultSelector, ResultPath and OutputPath to a result.
func (d dataflow) output(v *visit, result any) (any, error) {
	result, err := v.fill("ResultSelector", d.resultSelector, result)
	if err != nil {
		return nil, err
	}
	placed, err := v.place(d.resultPath, result)
	if err != nil {
		return nil, err
	}
	output, err := v.selectPath("OutputPath", d.outputPath, placed)
	if err != nil {
		return nil, err
	}
	_, err = encodeLimited(output, "output")
	if err != nil {
		return nil, v.located(err)
	}
	return output, nil
}

// through applies InputPath and OutputPath: all that Choice, Wait and Succeed
// states do with their data.
func (d dataflow) through(v *visit) (any, error) {
	input, err := v.selectPath("InputPath", d.inputPath, v.raw)
	if err != nil {
		return nil, err
	}
	return v.selectPath("OutputPath", d.outputPath, input)
}
