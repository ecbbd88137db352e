package lake

// File is one data file of an export: an entry of the work list that package
// export writes.
type File struct {
	Number int    `json:"number"` // from 1; names the files made of it
	Key    string `json:"key"`    // in the raw bucket
	Items  int64  `json:"items"`  // as the export's manifest counts them
	MD5    string `json:"md5"`    // base64, of the compressed object
}

// Result is what became of one data file. Its counts add up: Items is the sum
// of Rows and SetAside, unless Problem says why the file was not used.
type Result struct {
	File     int              `json:"file"`
	Key      string           `json:"key"`
	Items    int64            `json:"items"`    // lines decoded
	Rows     map[string]int64 `json:"rows"`     // by item type
	SetAside map[Reason]int64 `json:"setAside"` // by reason
	Objects  []Object         `json:"objects"`  // the rows
	Problem  string           `json:"problem"`  // how the file contradicts its manifest; then nothing was written

	Aside          *Object          `json:"aside,omitempty"`          // the items set aside, if there are any
	Unknown        []Unknown        `json:"unknown,omitempty"`        // attributes that the model does not know
	WithUnknown    map[string]int64 `json:"withUnknown,omitempty"`    // items that have such attributes, by item type
	UnknownObjects []Object         `json:"unknownObjects,omitempty"` // what they were kept in
}

// Object is one object of the lake.
type Object struct {
	Type  string           `json:"type"` // item type; empty for items set aside
	Key   string           `json:"key"`
	Bytes int64            `json:"bytes"`
	ETag  string           `json:"etag"` // as S3 gave it when the object was complete
	Rows  int64            `json:"rows"`
	Sums  map[string]int64 `json:"sums,omitempty"` // of the measures among its columns, see model.Measured
}
