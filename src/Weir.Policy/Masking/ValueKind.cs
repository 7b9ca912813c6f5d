namespace Weir.Policy.Masking;

/// <summary>The family of a value's type, as far as masks differ between types.</summary>
public enum ValueKind
{
    Text,
    Boolean,
    Integer,
    Decimal,
    Float,
    Date,
    Timestamp,
    Time,
    Interval,
    Uuid,
    Network,
    Json,
    Bytes,

    /// <summary>A type for which only null or the fixed text of its kind is certain to be valid.</summary>
    Other,
}
