package dynamodb_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	gocmp "github.com/google/go-cmp/cmp"

	local "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
)

func TestServer_ContinuousBackups(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	describe := func() *types.PointInTimeRecoveryDescription {
		out, err := e.DescribeContinuousBackups(t.Context(),
			&dynamodb.DescribeContinuousBackupsInput{TableName: aws.String("shop")})
		if err != nil {
			t.Fatal(err)
		}
		d := out.ContinuousBackupsDescription
		if d.ContinuousBackupsStatus != types.ContinuousBackupsStatusEnabled {
			t.Fatalf("ContinuousBackupsStatus = %s", d.ContinuousBackupsStatus)
		}
		return d.PointInTimeRecoveryDescription
	}
	off := &types.PointInTimeRecoveryDescription{PointInTimeRecoveryStatus: types.PointInTimeRecoveryStatusDisabled}
	if diff := gocmp.Diff(off, describe(), noSerde()); diff != "" {
		t.Errorf("of a new table (-want +got):\n%s", diff)
	}
	e.enableRecovery(t, "shop")
	enabled := e.clock.Now()
	e.clock.advance(34*24*time.Hour + 123456789)
	want := &types.PointInTimeRecoveryDescription{
		PointInTimeRecoveryStatus: "ENABLED", RecoveryPeriodInDays: aws.Int32(35),
		EarliestRestorableDateTime: &enabled,
		LatestRestorableDateTime:   aws.Time(e.clock.Now().Truncate(time.Millisecond).Add(time.Millisecond)),
	}
	for range 3 { // asking does not move anything
		if diff := gocmp.Diff(want, describe(), noSerde()); diff != "" {
			t.Errorf("inside of the window (-want +got):\n%s", diff)
		}
	}
	update := func(on bool, days int32) error {
		_, err := e.UpdateContinuousBackups(t.Context(), &dynamodb.UpdateContinuousBackupsInput{
			TableName: aws.String("shop"),
			PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{
				PointInTimeRecoveryEnabled: &on, RecoveryPeriodInDays: &days,
			},
		})
		return err
	}
	if err := update(true, 7); err != nil {
		t.Fatal(err)
	}
	want.RecoveryPeriodInDays = aws.Int32(7)
	want.EarliestRestorableDateTime = aws.Time(e.clock.Now().AddDate(0, 0, -7).Truncate(time.Millisecond))
	if diff := gocmp.Diff(want, describe(), noSerde()); diff != "" {
		t.Errorf("with a shorter window (-want +got):\n%s", diff)
	}
	if err := update(false, 7); err != nil {
		t.Fatal(err)
	}
	if got := describe(); got.PointInTimeRecoveryStatus != "DISABLED" {
		t.Errorf("turned off, it is %s", got.PointInTimeRecoveryStatus)
	}
	wantError(t, update(true, 36), "ValidationException", "36")
	_, err := e.DescribeContinuousBackups(t.Context(),
		&dynamodb.DescribeContinuousBackupsInput{TableName: aws.String("none")})
	wantError(t, err, "TableNotFoundException", "none")
}
