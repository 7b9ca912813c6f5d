namespace Weir.Protocol.Postgres.Copy;

/// <summary>The FORMAT option of COPY.</summary>
public enum CopyFormat
{
    Text,
    Csv,
    Binary,
}
