using Weir.Protocol.Postgres;

namespace Weir.Agent.Tests.Sessions.Support;

/// <summary>Reading lists of messages.</summary>
internal static class RawMessages
{
    /// <summary>All but ParameterStatus, which the server sends when it likes, in text form.</summary>
    public static string[] Texts(this IEnumerable<RawMessage> messages) =>
        [.. messages.Where(m => m.Type != BackendMessageType.ParameterStatus).Select(m => m.ToString())];

    public static RawMessage Error(this IEnumerable<RawMessage> messages) => messages.Single(m => m.Type == BackendMessageType.ErrorResponse);
}
