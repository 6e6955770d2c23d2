package tasks

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	oldjwt "github.com/dgrijalva/jwt-go"
	"filippo.io/edwards25519"
	"github.com/cespare/xxhash/v2"
	"github.com/gofrs/uuid"
	"github.com/golang-jwt/jwt/v5"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/klauspost/compress/zstd"
	bolt "go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/bson"
	"gonum.org/v1/gonum/mat"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"modernc.org/mathutil"
)

var key = []byte("none of your business")

func message() error {
	value, err := structpb.NewStruct(map[string]any{"lines": []any{1.0, "two"}})
	if err != nil {
		return err
	}
	data, err := proto.Marshal(value)
	if err != nil {
		return err
	}
	text, err := value.MarshalJSON()
	return errorOf(err, value.UnmarshalJSON(text), proto.Unmarshal(data, value))
}

func callGRPC() error {
	listener := bufconn.Listen(1 << 16)
	server := grpc.NewServer()
	healthpb.RegisterHealthServer(server, health.NewServer())
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	dial := func(context.Context, string) (net.Conn, error) { return listener.Dial() }
	connection, err := grpc.NewClient("passthrough:///buffer", grpc.WithContextDialer(dial),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	_, err = healthpb.NewHealthClient(connection).Check(context.Background(), &healthpb.HealthCheckRequest{})
	return err
}

func document() error {
	data, err := bson.Marshal(bson.M{"lines": bson.A{1, "two"}, "at": time.Unix(0, 0)})
	if err != nil {
		return err
	}
	var out bson.M
	return bson.Unmarshal(data, &out)
}

func store() error {
	folder, err := os.MkdirTemp("", "bills")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	database, err := bolt.Open(filepath.Join(folder, "bills"), 0o600, &bolt.Options{NoSync: true})
	if err != nil {
		return err
	}
	defer database.Close()
	return database.Update(func(tx *bolt.Tx) error {
		bucket, err := tx.CreateBucketIfNotExists([]byte("bills"))
		if err != nil {
			return err
		}
		return bucket.Put([]byte("1"), []byte("paid"))
	})
}

func token() error {
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "1"}).SignedString(key)
	if err != nil {
		return err
	}
	_, err = jwt.Parse(text, func(*jwt.Token) (any, error) { return key, nil })
	return err
}

func oldToken() error {
	text, err := oldjwt.NewWithClaims(oldjwt.SigningMethodHS256, oldjwt.MapClaims{"sub": "1"}).SignedString(key)
	if err != nil {
		return err
	}
	_, err = oldjwt.Parse(text, func(*oldjwt.Token) (interface{}, error) { return key, nil })
	return err
}

func oldUUID() error {
	id, err := uuid.NewV4()
	if err != nil {
		return err
	}
	_, err = uuid.FromString(uuid.NewV5(id, "bill").String())
	return err
}

func remember() error {
	cache, err := lru.New[string, int](8)
	if err != nil {
		return err
	}
	for i := range 32 {
		cache.Add(strings.Repeat("x", i), i)
	}
	return nil
}

func digest() error {
	hash := xxhash.New()
	for range 200 {
		_, _ = hash.Write(bytes.Repeat([]byte("bill"), 5000))
	}
	hash.Sum64()
	return nil
}

func compress() error {
	var out bytes.Buffer
	writer, err := zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	_, err = writer.Write(bytes.Repeat([]byte("a bill over five and seven lines "), 9000))
	if err := errorOf(err, writer.Close()); err != nil {
		return err
	}
	reader, err := zstd.NewReader(&out, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer reader.Close()
	_, err = reader.WriteTo(new(bytes.Buffer))
	return err
}

func matrix() error {
	numbers := mat.NewDense(40, 40, nil)
	numbers.Apply(func(i, j int, _ float64) float64 { return float64((i*31+j*17)%97) + 1 }, numbers)
	var decomposed mat.SVD
	decomposed.Factorize(numbers, mat.SVDThin)
	var product mat.Dense
	product.Mul(numbers, numbers)
	return nil
}

func primes() error {
	mathutil.FactorInt(2_147_483_646)
	mathutil.PrimorialProductsUint32(100, 100_000, 2)
	return nil
}

func curve() error {
	scalar, err := edwards25519.NewScalar().SetUniformBytes(bytes.Repeat([]byte{7}, 64))
	if err != nil {
		return err
	}
	new(edwards25519.Point).ScalarBaseMult(scalar).Bytes()
	return nil
}
