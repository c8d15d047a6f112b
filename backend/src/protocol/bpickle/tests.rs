use proptest::prelude::*;

use super::*;

fn dict<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Dict(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

#[test]
fn values_have_their_wire_form() {
    let cases: [(Value, &[u8]); 12] = [
        (Value::None, b"n"),
        (Value::Bool(true), b"b1"),
        (Value::Int(-42), b"i-42;"),
        (Value::Float(2.0), b"f2.0;"),
        (Value::Float(1e22), b"f1e+22;"),
        (Value::Float(2.5e-5), b"f2.5e-05;"),
        (Value::Float(0.0001), b"f0.0001;"),
        (Value::Float(f64::NEG_INFINITY), b"f-inf;"),
        (Value::Bytes(vec![0, 255]), b"s2:\0\xff"),
        (Value::from("wäsche"), "u7:wäsche".as_bytes()),
        (Value::List(vec![Value::Tuple(vec![Value::Int(7)]), Value::None]), b"lti7;;n;"),
        (dict([("port", Value::Int(22)), ("Name", "x".into())]), b"du4:Nameu1:xu4:porti22;;"),
    ];
    for (value, wire) in cases {
        assert_eq!(encode(&value), wire, "{value:?}");
        assert_eq!(decode(wire), Ok(value));
    }
}

#[test]
fn keys_may_come_as_bytes_and_the_last_of_equal_keys_wins() {
    assert_eq!(decode(b"ds1:ki1;u1:ki2;;"), Ok(dict([("k", Value::Int(2))])));
    assert_eq!(decode(b"dnn;"), Err(DecodeError::BadKey));
}

#[test]
fn numbers_of_any_size_survive() {
    let huge = b"i-170141183460469231731687303715884105728;";
    let value = decode(huge).unwrap();
    assert!(matches!(&value, Value::BigInt(_)));
    assert_eq!(encode(&value), huge);
    assert_eq!(decode(b"i-000;"), Ok(Value::Int(0)));
}

#[test]
fn broken_bodies_are_named() {
    let cases: [(&[u8], DecodeError); 11] = [
        (b"", DecodeError::UnexpectedEnd),
        (b"q", DecodeError::UnknownType(b'q')),
        (b"i4", DecodeError::UnexpectedEnd),
        (b"i4.5;", DecodeError::BadNumber),
        (b"s9:abc", DecodeError::UnexpectedEnd),
        (b"s-1:", DecodeError::BadLength),
        (b"u1:\xff", DecodeError::BadText),
        (b"li1;", DecodeError::UnexpectedEnd),
        (b"i1;i2;", DecodeError::TrailingBytes),
        (b"s99999999999999999999:", DecodeError::BadLength),
        (b"ds1:\xe9n;", DecodeError::BadText),
    ];
    for (body, error) in cases {
        assert_eq!(decode(body), Err(error), "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn depth_and_size_are_bounded() {
    let deep = [b"l".repeat(100_000), b";".repeat(100_000)].concat();
    assert_eq!(decode(&deep), Err(DecodeError::TooDeep));
    let many = [b"l".to_vec(), b"n".repeat(MAX_VALUES + 1), b";".to_vec()].concat();
    assert_eq!(decode(&many), Err(DecodeError::TooMany));
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::None),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_filter("a NaN equals nothing", |f| !f.is_nan()).prop_map(Value::Float),
        proptest::collection::vec(any::<u8>(), 0..20).prop_map(Value::Bytes),
        ".{0,12}".prop_map(Value::Text),
    ];
    let key = prop_oneof![any::<i64>().prop_map(Key::Int), ".{0,6}".prop_map(Key::Text)];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::List),
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::Tuple),
            proptest::collection::btree_map(key.clone(), inner, 0..8).prop_map(Value::Dict),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(value in values()) {
        prop_assert_eq!(decode(&encode(&value)), Ok(value));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes);
    }

    // Bytes drawn from the notation's own alphabet get deeper into the reader than noise does.
    #[test]
    fn arbitrary_notation_never_panics(text in "[nbifsultd0-9;:.e+-]{0,200}") {
        if let Ok(value) = decode(text.as_bytes()) {
            prop_assert!(decode(&encode(&value)).is_ok());
        }
    }
}
