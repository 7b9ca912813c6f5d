namespace Weir.Agent.Recording;

/// <summary>The names that session_event.proto documents.</summary>
internal static class EventNames
{
    public static ReadOnlySpan<byte> Of(StatementStatus status) => status switch
    {
        StatementStatus.Ok => "ok"u8,
        StatementStatus.Failed => "failed"u8,
        StatementStatus.Denied => "denied"u8,
        StatementStatus.Rejected => "rejected"u8,
        StatementStatus.Expired => "expired"u8,
        StatementStatus.Cancelled => "cancelled"u8,
        _ => "lost"u8,
    };

    public static string Of(ReviewStep step) => step switch
    {
        ReviewStep.Opened => "opened",
        ReviewStep.Joined => "joined",
        ReviewStep.Approved => "approved",
        ReviewStep.Rejected => "rejected",
        ReviewStep.Expired => "expired",
        ReviewStep.Abandoned => "abandoned",
        _ => "consumed",
    };

    public static string Of(SessionEndReason reason) => reason switch
    {
        SessionEndReason.ClientClosed => "client_closed",
        SessionEndReason.ClientLost => "client_lost",
        SessionEndReason.UpstreamLost => "upstream_lost",
        SessionEndReason.Terminated => "terminated",
        SessionEndReason.Expired => "expired",
        SessionEndReason.ProtocolViolation => "protocol_violation",
        SessionEndReason.Drained => "drained",
        _ => "failed",
    };
}
