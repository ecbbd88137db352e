package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
)

// modelPath is where functions find the file of their model: Lambda unpacks layers
// into /opt (https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html).
const modelPath = "/opt/" + modelFile

const modelFile = "model.yaml"

// loadModel reads the model of an environment, and checks that what is made of it
// has its names for itself: in the catalog, and in a warehouse that other
// environments use, too.
func loadModel(environments any, env string, cfg Config, root string) (model.Model, error) {
	m, err := readModel(cfg, root)
	if err != nil {
		return model.Model{}, err
	}
	if err := checkCatalog(m); err != nil {
		return model.Model{}, err
	}
	all, _ := environments.(map[string]any) // decodeConfig has found the environment there
	for _, other := range slices.Sorted(maps.Keys(all)) {
		neighbour, err := decodeConfig(environments, other)
		if other == env || err != nil || !neighbour.Warehouse.same(cfg.Warehouse) {
			continue // what is wrong with another environment is said when that is deployed
		}
		theirs, err := readModel(neighbour, root)
		if err == nil && theirs.Prefix == m.Prefix && neighbour.Account == cfg.Account && neighbour.Region == cfg.Region {
			return model.Model{}, fmt.Errorf("check environment %s: environment %s makes the schemas %s and %s in the same database, %s of %s: choose another database, or another \"prefix\" in one of the models",
				env, other, m.Schema(model.DWH), m.Schema(model.ETL), cfg.Warehouse.Database, cfg.Warehouse.Name)
		}
	}
	return m, nil
}

// readModel reads the model that an environment names.
func readModel(cfg Config, root string) (model.Model, error) {
	if cfg.Model == "" {
		return models.Load("") //nolint:wrapcheck // the reader's words
	}
	return models.Load(filepath.Join(root, cfg.Model)) //nolint:wrapcheck // names file and line
}

// same reports whether both are one database of a warehouse that is there already.
func (w WarehouseConfig) same(other WarehouseConfig) bool {
	return w.Name != "" && w.Kind == other.Kind && w.Name == other.Name && w.Database == other.Database
}

// newModelLayer makes a layer of the model's file, or returns nil for the model
// that is built into the executables. Its name for the asset does not depend on
// where the file was, so the same bytes change nothing.
func newModelLayer(stack awscdk.Stack, cfg Config, m model.Model, folder string) (awslambda.ILayerVersion, error) {
	if cfg.Model == "" {
		return nil, nil
	}
	content := filepath.Join(folder, "models", cfg.Name)
	if err := os.MkdirAll(content, 0o755); err != nil { //nolint:gosec // Lambda runs as another user
		return nil, fmt.Errorf("write the model for its layer: %w", err)
	}
	if err := os.WriteFile(filepath.Join(content, modelFile), m.Source, 0o644); err != nil { //nolint:gosec // see above
		return nil, fmt.Errorf("write the model for its layer: %w", err)
	}
	return awslambda.NewLayerVersion(stack, jsii.String("Model"), &awslambda.LayerVersionProps{
		LayerVersionName:        jsii.String(cfg.Name + "-model"),
		Description:             jsii.String("Nightstar: the model " + m.Name + "."),
		Code:                    awslambda.Code_FromAsset(jsii.String(content), nil),
		CompatibleArchitectures: &[]awslambda.Architecture{awslambda.Architecture_ARM_64()},
	}), nil
}
