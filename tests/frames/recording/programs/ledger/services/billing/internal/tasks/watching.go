package tasks

import (
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/multierr"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"gopkg.in/natefinch/lumberjack.v2"
	"k8s.io/klog/v2"
)

func trace() error {
	exporter, err := stdouttrace.New(stdouttrace.WithWriter(io.Discard))
	if err != nil {
		return err
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	handler := otelhttp.NewHandler(http.NotFoundHandler(), "bill", otelhttp.WithTracerProvider(provider))
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/bill", nil))
	_, span := provider.Tracer("billing").Start(context.Background(), "sum")
	span.SetAttributes(attribute.Int("lines", 3), attribute.StringSlice("names", []string{"a", "b"}))
	span.RecordError(errors.New("too much"))
	span.End()
	return provider.Shutdown(context.Background())
}

func logZap() error {
	encoder := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	logger := zap.New(zapcore.NewCore(encoder, zapcore.AddSync(io.Discard), zap.DebugLevel), zap.AddCaller())
	err := multierr.Combine(errors.New("one"), errors.New("two"))
	logger.Info("billed", zap.Error(err), zap.Strings("names", []string{"a", "b"}))
	logger.Sugar().Infow("billed", "lines", 3)
	return nil
}

func logKlog() error {
	flags := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(flags)
	_ = flags.Set("logtostderr", "false")
	klog.SetOutput(io.Discard)
	klog.InfoS("billed", "lines", 3)
	klog.Flush()
	return nil
}

func rotate() error {
	folder, err := os.MkdirTemp("", "bills")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	log := &lumberjack.Logger{Filename: filepath.Join(folder, "log")}
	_, err = log.Write([]byte("billed\n"))
	return errorOf(err, log.Rotate(), log.Close())
}

func route() error {
	router := mux.NewRouter()
	router.HandleFunc("/bills/{id:[0-9]+}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, mux.Vars(r)["id"])
	})
	router.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/bills/17", nil))
	return nil
}

func count() error {
	registry := prometheus.NewRegistry()
	bills := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "bills_total"}, []string{"kind"})
	if err := registry.Register(bills); err != nil {
		return err
	}
	bills.WithLabelValues("paid").Inc()
	handler := promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return nil
}
