using Microsoft.Extensions.Logging;

namespace Weir.Agent.Sessions;

/// <summary>Log messages of sessions: event ids 2000 to 2099. Never SQL text, parameters or secrets.</summary>
internal static partial class SessionLog
{
    [LoggerMessage(2000, LogLevel.Information, "Session {SessionId} of {Principal} on {Connection} from {Address} started")]
    public static partial void Started(this ILogger log, Guid sessionId, string principal, string connection, string address);

    [LoggerMessage(2001, LogLevel.Information, "Session {SessionId} ended: {Reason} {Detail}")]
    public static partial void Ended(this ILogger log, Guid sessionId, string reason, string detail);

    [LoggerMessage(2002, LogLevel.Warning, "Session {SessionId}: the client violated the protocol: {Reason}")]
    public static partial void ClientViolation(this ILogger log, Guid sessionId, string reason);

    [LoggerMessage(2003, LogLevel.Error, "Session {SessionId}: the database violated the protocol: {Reason}")]
    public static partial void UpstreamViolation(this ILogger log, Guid sessionId, string reason);

    [LoggerMessage(2004, LogLevel.Error, "Session {SessionId} failed: {Detail}")]
    public static partial void SessionFailed(this ILogger log, Guid sessionId, string detail);

    [LoggerMessage(2005, LogLevel.Error, "Session {SessionId} failed")]
    public static partial void SessionFaulted(this ILogger log, Exception fault, Guid sessionId);

    [LoggerMessage(2006, LogLevel.Error, "The end of session {SessionId} could not be recorded")]
    public static partial void RecordingFailed(this ILogger log, Exception fault, Guid sessionId);

    [LoggerMessage(2007, LogLevel.Warning, "Session {SessionId} from {Address}: unknown credential or wrong secret")]
    public static partial void WrongProof(this ILogger log, Guid sessionId, string address);

    [LoggerMessage(2008, LogLevel.Warning, "Session {SessionId} from {Address}: the client saw another certificate than this agent shows")]
    public static partial void ChannelBindingMismatch(this ILogger log, Guid sessionId, string address);

    [LoggerMessage(2009, LogLevel.Warning, "Session {SessionId} from {Address}: right credential, no access")]
    public static partial void NoRight(this ILogger log, Guid sessionId, string address);

    [LoggerMessage(2010, LogLevel.Warning, "Session {SessionId}: connection {Connection} can't reach its database: {Detail}")]
    public static partial void UpstreamFailed(this ILogger log, Guid sessionId, string connection, string detail);

    [LoggerMessage(2011, LogLevel.Warning, "A client connection was refused: {Reason}")]
    public static partial void Refused(this ILogger log, string reason);

    [LoggerMessage(2012, LogLevel.Warning, "Listening on {EndPoint} failed")]
    public static partial void AcceptFailed(this ILogger log, Exception fault, string endPoint);

    [LoggerMessage(2013, LogLevel.Debug, "A client connection ended before its startup message: {Reason}")]
    public static partial void EarlyEnd(this ILogger log, string reason);

    [LoggerMessage(2020, LogLevel.Warning, "The catalog of connection {Connection}, database {Database} can't be read: {Detail}")]
    public static partial void CatalogFailed(this ILogger log, string connection, string database, string detail);

    [LoggerMessage(2021, LogLevel.Information, "The catalog of connection {Connection}, database {Database} was read: {Relations} relations")]
    public static partial void CatalogLoaded(this ILogger log, string connection, string database, int relations);

    [LoggerMessage(2022, LogLevel.Warning, "Connection {Connection}: masking rules that match no column: {Rules}. {Detail}")]
    public static partial void IdleMasks(this ILogger log, string connection, string rules, string detail);
}
