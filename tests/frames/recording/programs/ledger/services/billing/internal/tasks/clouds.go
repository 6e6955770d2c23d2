package tasks

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"cloud.google.com/go/civil"
	"cloud.google.com/go/compute/metadata"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func signS3() error {
	client := s3.New(s3.Options{
		Region:      "eu-central-1",
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "none", ""),
	})
	signer := s3.NewPresignClient(client)
	_, err := signer.PresignGetObject(context.Background(), &s3.GetObjectInput{
		Bucket: aws.String("bills"), Key: aws.String("2024/07/1.pdf"),
	})
	return err
}

func callAzure() error {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
	}))
	defer server.Close()
	line := runtime.NewPipeline("billing", "v1.0.0", runtime.PipelineOptions{}, &policy.ClientOptions{})
	request, err := runtime.NewRequest(context.Background(), http.MethodGet, server.URL)
	if err != nil {
		return err
	}
	answer, err := line.Do(request)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

func callMetadata() error {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Metadata-Flavor", "Google")
		_, _ = w.Write([]byte(r.URL.Path))
	}))
	defer server.Close()
	_ = os.Setenv("GCE_METADATA_HOST", strings.TrimPrefix(server.URL, "http://"))
	if _, err := metadata.NewClient(nil).GetWithContext(context.Background(), "instance/name"); err != nil {
		return err
	}
	day, err := civil.ParseDate("2024-07-01")
	if err != nil {
		return err
	}
	_, err = day.AddDays(90).MarshalText()
	return err
}
