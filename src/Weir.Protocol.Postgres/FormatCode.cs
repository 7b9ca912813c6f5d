namespace Weir.Protocol.Postgres;

/// <summary>
/// How a value is represented on the wire. A reader may hand out other values than these two: PostgreSQL refuses them with an ERROR
/// (22023), not by closing, so the caller decides.
/// </summary>
public enum FormatCode : short
{
    Text = 0,
    Binary = 1,
}
