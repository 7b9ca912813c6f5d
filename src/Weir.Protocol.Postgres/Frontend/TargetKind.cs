namespace Weir.Protocol.Postgres.Frontend;

/// <summary>What a Describe or Close names.</summary>
public enum TargetKind : byte
{
    Statement = (byte)'S',
    Portal = (byte)'P',
}
