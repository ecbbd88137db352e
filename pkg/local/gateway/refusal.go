package gateway

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
)

// refusal is an answer that the gateway gives in a service's stead.
type refusal struct {
	status  int
	code    string
	message string
}

// refusalWriter writes a refusal in the form of one protocol, so that an SDK
// makes the same error of it as of the real service's.
type refusalWriter func(http.ResponseWriter, *refusal)

func unknownService(name string) *refusal {
	return &refusal{
		http.StatusNotFound, "UnknownOperationException", "the local AWS does not serve " + name,
	}
}

// refuseJSON writes the AWS JSON protocol of a version, "1.0" or "1.1".
func refuseJSON(version string) refusalWriter {
	return func(w http.ResponseWriter, r *refusal) {
		w.Header().Set("Content-Type", "application/x-amz-json-"+version)
		w.WriteHeader(r.status)
		_ = json.NewEncoder(w).Encode(map[string]string{"__type": r.code, "message": r.message})
	}
}

// refuseREST writes the REST-JSON protocol.
func refuseREST(w http.ResponseWriter, r *refusal) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", r.code)
	w.WriteHeader(r.status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": r.message})
}

// refuseXML writes S3's protocol.
func refuseXML(w http.ResponseWriter, r *refusal) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(r.status)
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: r.code, Message: r.message})
}
