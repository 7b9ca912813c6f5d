namespace Weir.Protocol.Postgres.Framing;

public enum FrameStatus
{
    /// <summary>Fewer than five bytes are there; type and length are not known yet.</summary>
    NeedHeader,

    /// <summary>Type and length are known, a part of the body (perhaps nothing) is there: wait, or stream it.</summary>
    NeedBody,

    /// <summary>The message is whole.</summary>
    Complete,
}
