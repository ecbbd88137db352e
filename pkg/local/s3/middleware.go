package s3

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v3"
)

// header is the type of the keys under which passHeaders keeps headers.
type header string

const (
	headerClass       header = "X-Amz-Storage-Class"
	headerIfNoneMatch header = "If-None-Match"
)

// passHeaders hands the backend the headers that versitygw reads for no call or
// not for all. The strings are cloned because the server reuses their memory.
func passHeaders(c fiber.Ctx) error {
	for _, name := range []header{headerClass, headerIfNoneMatch} {
		c.Locals(name, strings.Clone(c.Get(string(name))))
	}
	return c.Next()
}

// headerOf returns what passHeaders kept, or nothing.
func headerOf(ctx context.Context, name header) string {
	value, _ := ctx.Value(name).(string)
	return value
}

// readToEnd reads what a refusal left unread of a request's body. versitygw
// refuses an upload, for a bad signature or a missing bucket, before it reads
// the body, and closes the connection unless little of it is left; the client
// would then see a broken connection, retry, and never learn the reason.
func readToEnd(c fiber.Ctx) error {
	err := c.Next()
	if body := c.Request().BodyStream(); body != nil && c.Request().Header.ContentLength() > 0 {
		// A client that goes away ends the read; there is nobody left to tell.
		_, _ = io.Copy(io.Discard, body)
	}
	return err
}

// refuseOdd refuses what versitygw takes for a fault of its own: keys that no
// file can have, and trailers that it cannot check.
func refuseOdd(c fiber.Ctx) error {
	const nul = "%00"
	trailer := strings.ToLower(strings.TrimSpace(c.Get("X-Amz-Trailer")))
	switch {
	case strings.Contains(string(c.Request().URI().PathOriginal()), nul), strings.Contains(c.Get("X-Amz-Copy-Source"), nul):
		return answer(c, "InvalidArgument", "The local S3 keeps objects as files and cannot store a key with the character NUL")
	case trailer != "" && !slices.Contains(trailers, trailer):
		return answer(c, "InvalidRequest", "The value specified in the x-amz-trailer header is not supported")
	}
	return c.Next()
}

// trailers are the headers that may follow a body:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
var trailers = []string{ //nolint:gochecknoglobals // a constant
	"x-amz-checksum-crc32", "x-amz-checksum-crc32c", "x-amz-checksum-crc64nvme", "x-amz-checksum-sha1", "x-amz-checksum-sha256",
	"x-amz-checksum-sha512", "x-amz-checksum-md5", "x-amz-checksum-xxhash64", "x-amz-checksum-xxhash3", "x-amz-checksum-xxhash128",
}

// answer refuses a request as S3 does.
func answer(c fiber.Ctx, code, message string) error {
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationXML)
	return c.Status(http.StatusBadRequest).SendString(
		fmt.Sprintf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s</Message></Error>", code, message))
}
