using Weir.Agent.Masking;
using Weir.Agent.Recording;
using Weir.Agent.Sessions.Statements;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Agent.Sessions.Answers;

/// <summary>What the server says beside its answers: settings, errors and notices, without values where masking rules apply, or what they stand for.</summary>
internal sealed class AnswerDiagnostics(RelayState state)
{
    private static readonly Diagnostic Aborted =
        Diagnostic.Error(SqlStates.InFailedSqlTransaction, "current transaction is aborted, commands ignored until end of transaction block");

    private static ReadOnlySpan<byte> Hidden => "*****"u8;

    /// <returns>Whether it goes on as it is.</returns>
    public bool OnNotice(DiagnosticFields fields)
    {
        if (state.InFlight.Count > 0 && state.InFlight.Head is { FirstStatement: > 0 } head)
        {
            var masked = state.Surroundings.Policy.HasMasking;
            state.Recording.Notice(head.FirstStatement + head.Done, fields.Severity, fields.SqlState, masked ? "(withheld)"u8 : fields.Message);
        }

        if (!state.Surroundings.Policy.HasMasking)
            return true;
        DiagnosticScrubber.Write(BackendMessageType.NoticeResponse, fields, TextInFront(), state.ToClient);
        return false;
    }

    /// <returns>Whether it goes on as it is.</returns>
    public bool OnParameterStatus(ParameterStatus status)
    {
        var name = System.Text.Encoding.UTF8.GetString(status.Name);
        var value = System.Text.Encoding.UTF8.GetString(status.Value);
        if (name != "application_name")
        {
            state.OnParameter(name, value);
            return true;
        }

        // A function did it from inside: the database would no longer know whose session this is.
        if (value != state.Pinned)
            state.Session.End(SessionEndReason.ProtocolViolation, Diagnostic.Fatal(SqlStates.FeatureNotSupported, "weir: application_name can't be changed by a function"), "application_name changed");
        return false;
    }

    /// <summary>
    /// A notification of whoever sent it. Where functions of the database notify (a trigger, with the row that changed), a payload can be anything; else it is what
    /// somebody wrote, and is looked through by content.
    /// </summary>
    /// <inheritdoc cref="OnNotice" path="/returns"/>
    public bool OnNotification(NotificationResponse notification)
    {
        var policy = state.Surroundings.Policy;
        if (!policy.HasMasking || notification.Payload.IsEmpty)
            return true;
        if (policy.NamesColumns && state.Surroundings.Catalog is not { MayNotify: false })
        {
            NotificationResponse.Write(state.ToClient, notification.ProcessId, notification.Channel, Hidden);
            return false;
        }

        var masked = new MessageWriter(256);
        if (!policy.Detectors.TryMask(notification.Payload, masked))
            return true;
        NotificationResponse.Write(state.ToClient, notification.ProcessId, notification.Channel, masked.Written);
        return false;
    }

    /// <summary>Tells the client of the error: the server's own, or what it stands for.</summary>
    public bool Say(ref InFlight head, DiagnosticFields fields)
    {
        if (head.Purpose == InFlightPurpose.Abort)
            return false;
        if (head.Failure is { } failure)
        {
            ErrorResponse.Write(state.ToClient, failure);
            return false;
        }

        if (head.Refusal is { SqlState: SqlStates.SyntaxError } syntax && fields.SqlState.SequenceEqual("25P02"u8))
        {
            // The server parses before it looks at the state of the transaction.
            ErrorResponse.Write(state.ToClient, syntax);
            return false;
        }

        if (head.Refusal is { } refusal && Substitute.IsOwnError(fields.SqlState))
        {
            ErrorResponse.Write(state.ToClient, head.Kind == InFlightKind.Execute && state.IsInFailedBlock && refusal.SqlState != SqlStates.InvalidCursorName ? Aborted : refusal);
            return false;
        }

        return Forward(fields);
    }

    /// <summary>Sends the server's own error on, without values where masking rules apply.</summary>
    public bool Forward(DiagnosticFields fields)
    {
        if (!state.Surroundings.Policy.HasMasking)
            return true;
        DiagnosticScrubber.Write(BackendMessageType.ErrorResponse, fields, TextInFront(), state.ToClient);
        return false;
    }

    private ReadOnlySpan<byte> TextInFront() =>
        state.InFlight.Count == 0 ? [] : state.InFlight.Head.Judgement?.Text ?? state.InFlight.Head.Prepared?.Text ?? state.InFlight.Head.Portal?.Statement.Text ?? [];
}
