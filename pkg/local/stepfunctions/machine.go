package stepfunctions

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

// machine is one state machine. Executions hold on to the one they started
// with, so an update replaces the whole.
type machine struct {
	arn        string
	name       string
	definition string
	roleARN    string
	created    time.Time
	parsed     *asl.Machine
}

// digest tells definitions apart.
func (m *machine) digest() string {
	sum := sha256.Sum256([]byte(m.definition))
	return hex.EncodeToString(sum[:])
}

type createInput struct {
	Name       string `json:"name"`
	Definition string `json:"definition"`
	RoleARN    string `json:"roleArn"`
	Type       string `json:"type"`
}

type createOutput struct {
	StateMachineARN string    `json:"stateMachineArn"`
	CreationDate    timestamp `json:"creationDate"`
}

// createStateMachine is idempotent for the same definition and role.
func (s *Server) createStateMachine(_ context.Context, in createInput) (createOutput, error) {
	if err := errors.Join(checkName(in.Name), checkRole(in.RoleARN)); err != nil {
		return createOutput{}, err
	}
	if in.Type != "" && in.Type != "STANDARD" {
		return createOutput{}, refuse(codeUnsupportedMachine, "type %q is not supported, only STANDARD", in.Type)
	}
	parsed, err := parseDefinition(in.Definition)
	if err != nil {
		return createOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m := &machine{
		arn: s.machineARN(in.Name), name: in.Name, definition: in.Definition, roleARN: in.RoleARN,
		created: s.opts.Clock.Now(), parsed: parsed,
	}
	if old := s.machines[m.arn]; old != nil {
		if old.definition != m.definition || old.roleARN != m.roleARN {
			return createOutput{}, refuse(codeMachineExists,
				"state machine %s exists with another definition or role; use UpdateStateMachine", m.arn)
		}
		m = old
	}
	s.machines[m.arn] = m
	return createOutput{StateMachineARN: m.arn, CreationDate: timestamp{Time: m.created}}, nil
}

func checkRole(roleARN string) error {
	if !strings.HasPrefix(roleARN, "arn:") {
		return refuse(codeInvalidARN, "roleArn %q is not an ARN", roleARN)
	}
	return nil
}

func parseDefinition(definition string) (*asl.Machine, error) {
	parsed, err := asl.Parse([]byte(definition))
	if err != nil {
		return nil, refuse(codeInvalidDefinition, "%v", err)
	}
	return parsed, nil
}

type updateInput struct {
	StateMachineARN string  `json:"stateMachineArn"`
	Definition      *string `json:"definition"`
	RoleARN         *string `json:"roleArn"`
}

type updateOutput struct {
	UpdateDate timestamp `json:"updateDate"`
}

// updateStateMachine changes what executions that start from now on do.
func (s *Server) updateStateMachine(_ context.Context, in updateInput) (updateOutput, error) {
	if in.Definition == nil && in.RoleARN == nil {
		return updateOutput{}, refuse(codeMissingParameter, "neither definition nor roleArn is given")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.machine(in.StateMachineARN)
	if err != nil {
		return updateOutput{}, err
	}
	updated := *old
	if in.RoleARN != nil {
		if err := checkRole(*in.RoleARN); err != nil {
			return updateOutput{}, err
		}
		updated.roleARN = *in.RoleARN
	}
	if in.Definition != nil {
		if updated.parsed, err = parseDefinition(*in.Definition); err != nil {
			return updateOutput{}, err
		}
		updated.definition = *in.Definition
	}
	s.machines[updated.arn] = &updated
	return updateOutput{UpdateDate: timestamp{Time: s.opts.Clock.Now()}}, nil
}

// machine finds a state machine; the caller holds the lock.
func (s *Server) machine(arn string) (*machine, error) {
	if err := checkARN(arn, "stateMachine", 1); err != nil {
		return nil, err
	}
	m, ok := s.machines[arn]
	if !ok {
		return nil, refuse(codeMachineNotFound, "state machine %s does not exist", arn)
	}
	return m, nil
}

type machineInput struct {
	StateMachineARN string `json:"stateMachineArn"`
}

type describeMachineOutput struct {
	StateMachineARN string    `json:"stateMachineArn"`
	Name            string    `json:"name"`
	Status          string    `json:"status"`
	Definition      string    `json:"definition"`
	RoleARN         string    `json:"roleArn"`
	Type            string    `json:"type"`
	CreationDate    timestamp `json:"creationDate"`
}

func (s *Server) describeStateMachine(_ context.Context, in machineInput) (describeMachineOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.machine(in.StateMachineARN)
	if err != nil {
		return describeMachineOutput{}, err
	}
	return describeMachineOutput{
		StateMachineARN: m.arn, Name: m.name, Status: "ACTIVE", Definition: m.definition,
		RoleARN: m.roleARN, Type: "STANDARD", CreationDate: timestamp{Time: m.created},
	}, nil
}

// deleteStateMachine forgets a machine. Deleting one that does not exist
// succeeds, and executions that run go on, as in AWS.
func (s *Server) deleteStateMachine(_ context.Context, in machineInput) (struct{}, error) {
	if err := checkARN(in.StateMachineARN, "stateMachine", 1); err != nil {
		return struct{}{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.machines, in.StateMachineARN)
	return struct{}{}, nil
}

type listMachinesInput struct {
	MaxResults int    `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

type listMachinesOutput struct {
	StateMachines []machineItem `json:"stateMachines"`
	NextToken     string        `json:"nextToken,omitempty"`
}

type machineItem struct {
	StateMachineARN string    `json:"stateMachineArn"`
	Name            string    `json:"name"`
	Type            string    `json:"type"`
	CreationDate    timestamp `json:"creationDate"`
}

// listStateMachines lists machines by name.
func (s *Server) listStateMachines(_ context.Context, in listMachinesInput) (listMachinesOutput, error) {
	size, err := pageSize(in.MaxResults)
	if err != nil {
		return listMachinesOutput{}, err
	}
	after, err := decodeToken(in.NextToken)
	if err != nil {
		return listMachinesOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	items := []machineItem{}
	for _, arn := range slices.Sorted(maps.Keys(s.machines)) {
		if m := s.machines[arn]; arn > after {
			items = append(items, machineItem{
				StateMachineARN: arn, Name: m.name, Type: "STANDARD", CreationDate: timestamp{Time: m.created},
			})
		}
	}
	var out listMachinesOutput
	out.StateMachines, out.NextToken = page(items, size, func(m machineItem) string { return m.StateMachineARN })
	return out, nil
}

type validateInput struct {
	Definition string `json:"definition"`
	Type       string `json:"type"`
}

type validateOutput struct {
	Result      string       `json:"result"`
	Diagnostics []diagnostic `json:"diagnostics"`
	Truncated   bool         `json:"truncated"`
}

type diagnostic struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Location string `json:"location,omitempty"`
}

// validateDefinition reports every reason for which a machine with the
// definition would be refused here. AWS refuses less.
func (s *Server) validateDefinition(_ context.Context, in validateInput) (validateOutput, error) {
	out := validateOutput{Result: "OK", Diagnostics: []diagnostic{}}
	_, err := asl.Parse([]byte(in.Definition))
	if err == nil {
		return out, nil
	}
	out.Result = "FAIL"
	refused, ok := errors.AsType[*asl.DefinitionError](err)
	if !ok {
		out.Diagnostics = append(out.Diagnostics, diagnostic{
			Severity: "ERROR", Code: "INVALID_JSON_DESCRIPTION", Message: err.Error(),
		})
		return out, nil
	}
	for _, problem := range refused.Problems {
		out.Diagnostics = append(out.Diagnostics, diagnostic{
			Severity: "ERROR", Code: "SCHEMA_VALIDATION_FAILED",
			Message: problem.String(), Location: strings.Trim(problem.State+"/"+problem.Field, "/"),
		})
	}
	return out, nil
}
