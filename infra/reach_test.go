package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// program is the code of all steps, with types: the functions of our packages
// and of the SDK's transfer manager, and what each of them mentions.
type program struct {
	mains    map[string]*types.Package // by step
	mentions map[*types.Func][]types.Object
	methods  map[string][]*types.Func // concrete methods by name
}

// listed is what go list says of a package.
type listed struct {
	ImportPath, Export, Dir string
	GoFiles                 []string
}

// loadProgram reads the packages that the steps are made of. Ours, and the
// transfer manager, are checked from source; of all others the compiler's
// export data is enough.
func loadProgram(t *testing.T) program {
	t.Helper()
	// With profiles, packages would be listed once for each main that has one.
	command := exec.Command("go", "list", "-pgo=off", "-deps", "-export", "-json=ImportPath,Export,Dir,GoFiles", "../lambdas/...")
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("list packages: %v", err)
	}
	exports := map[string]string{}
	p := program{mains: map[string]*types.Package{}, mentions: map[*types.Func][]types.Object{}, methods: map[string][]*types.Func{}}
	files := token.NewFileSet()
	imports := &chain{checked: map[string]*types.Package{}}
	imports.rest = importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	ours := regexp.MustCompile(`^github\.com/nightstar-elt/nightstar/|/feature/s3/transfermanager(/|$)`)
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for { // dependencies come before what needs them
		var one listed
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) {
			return p
		} else if err != nil {
			t.Fatal(err)
		}
		exports[one.ImportPath] = one.Export
		if ours.MatchString(one.ImportPath) {
			p.check(t, one, files, imports)
		}
	}
}

// chain imports packages checked from source, and all others.
type chain struct {
	checked map[string]*types.Package
	rest    types.Importer
}

func (c *chain) Import(path string) (*types.Package, error) {
	if checked, ok := c.checked[path]; ok {
		return checked, nil
	}
	return c.rest.Import(path)
}

func (p program) check(t *testing.T, one listed, files *token.FileSet, imports *chain) {
	t.Helper()
	var parsed []*ast.File
	for _, name := range one.GoFiles {
		file, err := parser.ParseFile(files, filepath.Join(one.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	checked, err := (&types.Config{Importer: imports}).Check(one.ImportPath, files, parsed, info)
	if err != nil {
		t.Fatal(err)
	}
	imports.checked[one.ImportPath] = checked
	if checked.Name() == "main" {
		p.mains[filepath.Base(one.ImportPath)] = checked
	}
	for _, file := range parsed {
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok || function.Body == nil {
				continue
			}
			defined := info.Defs[function.Name].(*types.Func)
			if function.Recv != nil {
				p.methods[defined.Name()] = append(p.methods[defined.Name()], defined)
			}
			ast.Inspect(function, func(node ast.Node) bool {
				if name, ok := node.(*ast.Ident); ok && info.Uses[name] != nil {
					p.mentions[defined] = append(p.mentions[defined], info.Uses[name])
				}
				return true
			})
		}
	}
}

// operations returns the SDK operations that a step can call, "s3.GetObject",
// sorted: those mentioned in functions that its main reaches. A call through
// an interface reaches every method of that name whose type is mentioned too.
func (p program) operations(step string) []string {
	found := map[string]bool{}
	seen := map[types.Object]bool{}
	dynamic := map[string]bool{}
	var queue []types.Object
	visit := func(o types.Object) {
		if f, ok := o.(*types.Func); ok {
			o = f.Origin()
		}
		if !seen[o] {
			seen[o] = true
			queue = append(queue, o)
		}
	}
	scope := p.mains[step].Scope()
	for _, name := range scope.Names() {
		visit(scope.Lookup(name))
	}
	for {
		for len(queue) > 0 {
			next := queue[0]
			queue = queue[1:]
			function, ok := next.(*types.Func)
			if !ok {
				continue
			}
			if operation := operationOf(function); operation != "" {
				found[operation] = true
				continue
			}
			if receiver := function.Signature().Recv(); receiver != nil && types.IsInterface(receiver.Type()) {
				dynamic[function.Name()] = true
			}
			for _, mentioned := range p.mentions[function] {
				visit(mentioned)
			}
		}
		for name := range dynamic {
			for _, method := range p.methods[name] {
				if seen[receiverType(method)] {
					visit(method)
				}
			}
		}
		if len(queue) == 0 {
			break
		}
	}
	var operations []string
	for operation := range found {
		operations = append(operations, operation)
	}
	slices.Sort(operations)
	return operations
}

// operationOf names the operation that a function of the SDK, or a method of
// an interface with the SDK's signature, performs; empty for other functions.
func operationOf(f *types.Func) string {
	for i := range f.Signature().Params().Len() {
		pointer, ok := f.Signature().Params().At(i).Type().(*types.Pointer)
		if !ok {
			continue
		}
		named, ok := pointer.Elem().(*types.Named)
		if !ok || named.Obj().Pkg() == nil {
			continue
		}
		_, service, ok := strings.Cut(named.Obj().Pkg().Path(), "/aws-sdk-go-v2/service/")
		operation := strings.TrimSuffix(named.Obj().Name(), "Input")
		if ok && (f.Name() == operation || f.Name() == "New"+operation+"Paginator") {
			return service + "." + operation
		}
	}
	return ""
}

func receiverType(method *types.Func) types.Object {
	receiver := method.Signature().Recv().Type()
	if pointer, ok := receiver.(*types.Pointer); ok {
		receiver = pointer.Elem()
	}
	if named, ok := receiver.(*types.Named); ok {
		return named.Obj()
	}
	return nil
}
