package asl

import (
	"context"
	"strings"
)

const s3PutObject = "arn:aws:states:::s3:putObject"

// resultWriter puts the results of a distributed Map into S3 objects. See
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html.
type resultWriter struct {
	parameters *template
}

func (f *fields) resultWriter() *resultWriter {
	f.resource(s3PutObject)
	w := &resultWriter{parameters: f.objectParameters("Bucket", "Prefix")}
	if f.has("WriterConfig") {
		config := f.child("WriterConfig")
		config.oneOf("Transformation", "NONE")
		config.oneOf("OutputType", "JSON")
		config.done()
	}
	f.done()
	return w
}

// childResult is one element of a result file: a child execution as
// DescribeExecution would show it. One that never ran has only an input.
type childResult struct {
	Cause               string `json:",omitempty"`
	Error               string `json:",omitempty"`
	ExecutionArn        string `json:",omitempty"`
	Input               string
	InputDetails        dataDetails
	Name                string       `json:",omitempty"`
	Output              string       `json:",omitempty"`
	OutputDetails       *dataDetails `json:",omitempty"`
	RedriveCount        int
	RedriveStatus       string `json:",omitempty"`
	RedriveStatusReason string `json:",omitempty"`
	StartDate           string `json:",omitempty"`
	StateMachineArn     string `json:",omitempty"`
	Status              string
	StopDate            string `json:",omitempty"`
}

type dataDetails struct {
	Included bool
}

// resultFile is one entry of the manifest.
type resultFile struct {
	Key  string
	Size int
}

type resultManifest struct {
	DestinationBucket string
	MapRunArn         string
	ResultFiles       map[string][]resultFile
}

// results sorts the children into the files they are written to.
func (m *mapRun) results() map[string][]childResult {
	groups := map[string][]childResult{}
	for i, child := range m.children {
		if child == nil {
			// Its input was small enough to be read, so it can be encoded.
			input, _ := encodeValue(m.inputs[i])
			groups["PENDING"] = append(groups["PENDING"], childResult{
				Input: string(input), InputDetails: dataDetails{Included: true}, Status: "PENDING",
			})
			continue
		}
		name := "FAILED"
		switch child.Status {
		case Succeeded:
			name = "SUCCEEDED"
		case Aborted:
			name = "PENDING"
		}
		groups[name] = append(groups[name], m.result(child))
	}
	return groups
}

func (m *mapRun) result(child *Execution) childResult {
	r := childResult{
		Cause: child.Cause, Error: child.Error,
		ExecutionArn: child.ID, Name: child.Name,
		Input: string(child.Input), InputDetails: dataDetails{Included: true},
		RedriveStatus:       "NOT_REDRIVABLE",
		RedriveStatusReason: "Executions are not redriven here",
		StartDate:           formatTime(child.StartTime), StopDate: formatTime(child.StopTime),
		StateMachineArn: m.run.start.MachineID + "/" + m.state.distributed.label,
		Status:          string(child.Status),
	}
	if child.Status == Succeeded {
		r.Output, r.OutputDetails = string(child.Output), &dataDetails{Included: true}
	}
	return r
}

// write exports the results, if the definition asks for it, and returns the
// state's result: where they are.
func (m *mapRun) write(ctx context.Context, v *visit, input any) (any, error) {
	if m.state.distributed.writer == nil {
		return nil, nil //nolint:nilnil // without a writer the outputs themselves are the result
	}
	bucket, prefix, err := location(v, m.state.distributed.writer.parameters, input, "Prefix")
	if err != nil {
		return nil, err
	}
	folder := strings.TrimSuffix(prefix, "/") + "/" + m.id + "/"
	if prefix == "" {
		folder = m.id + "/"
	}
	if err := m.writeFiles(ctx, bucket, folder); err != nil {
		if ctx.Err() != nil {
			return nil, aborted(ctx)
		}
		return nil, v.located(failf(ErrorResultWriter, "write results to s3://%s/%s: %v", bucket, folder, err))
	}
	return map[string]any{
		"MapRunArn":           m.arn,
		"ResultWriterDetails": map[string]any{"Bucket": bucket, "Key": folder + "manifest.json"},
	}, nil
}

// writeFiles writes one file for each group of children that has any, and the
// manifest last.
func (m *mapRun) writeFiles(ctx context.Context, bucket, folder string) error {
	manifest := resultManifest{DestinationBucket: bucket, MapRunArn: m.arn, ResultFiles: map[string][]resultFile{}}
	groups, objects := m.results(), m.run.env.Objects
	for _, name := range []string{"FAILED", "PENDING", "SUCCEEDED"} {
		manifest.ResultFiles[name] = []resultFile{}
		if len(groups[name]) == 0 {
			continue
		}
		data, err := encodeValue(groups[name])
		if err != nil {
			return err
		}
		file := resultFile{Key: folder + name + "_0.json", Size: len(data)}
		if err := objects.Put(ctx, bucket, file.Key, data); err != nil {
			return err
		}
		manifest.ResultFiles[name] = append(manifest.ResultFiles[name], file)
	}
	data, err := encodeValue(manifest)
	if err != nil {
		return err
	}
	return objects.Put(ctx, bucket, folder+"manifest.json", data)
}
