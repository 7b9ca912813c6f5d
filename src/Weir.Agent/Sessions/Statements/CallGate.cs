using System.Text;
using Weir.Agent.Masking;
using Weir.Agent.Recording;
using Weir.Agent.Sessions.Answers;
using Weir.Agent.Sessions.Holds;
using Weir.Agent.Sessions.Judging;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;
using Weir.Sql.Catalog;

namespace Weir.Agent.Sessions.Statements;

/// <summary>
/// The gate's part for FunctionCall, which names a function by its oid: judged, held and recorded as <c>SELECT schema.function($1, …)</c> with the same values would be, and then forwarded
/// as it came. The answer goes through <see cref="CallAnswer"/>.
/// </summary>
internal sealed class CallGate(RelayState state, TextJudge judge, ReviewHold hold)
{
    /// <returns>False: the message waits.</returns>
    public bool OnFunctionCall(in Frame frame)
    {
        FunctionCall call;
        try
        {
            call = FunctionCall.Read(frame.Body);
        }
        catch (ProtocolViolationException violation) when (!violation.IsFatal)
        {
            Refuse(Diagnostic.For(violation));
            return true;
        }

        if (!judge.TryFindFunction(call.FunctionOid, out var function, out var refused))
        {
            if (refused is null)
                return false;
            Refuse(refused);
            return true;
        }

        if (!judge.TryJudge(TextOf(function, call.ArgumentCount), out var judgement))
            return false;
        int[] masked = judgement.Statements is [var only] ? only.MaskedParameters : [];
        var parameters = new ParameterList(frame.Body, Parameters(call, frame.Body, function, masked));
        if (!judge.TryEstimate(ref judgement, parameters))
            return false;
        if (judgement.Refusal is null && Objection(judgement, parameters, masked) is { } objection)
            judgement = judgement.With(judgement.Decision, objection);
        switch (hold.Pass(judgement, isExtended: true, parameters, frame.Body, [], out var first, out var refusal))
        {
            case Passage.Wait:
                return false;
            case Passage.Refuse:
                Refuse(refusal!);
                return true;
            default:
                state.ToUpstream.WriteBytes(frame.Bytes);
                ref var entry = ref state.InFlight.Add(InFlightKind.Query);
                state.Fill(ref entry, judgement);
                entry.FirstStatement = first;
                entry.CallDescription = CallAnswer.Describe(function, call.ResultFormat);
                return true;
        }
    }

    private static Diagnostic? Objection(Judgement judgement, ParameterList parameters, int[] masked)
    {
        // The server commits a call before anybody can ask what it has changed; what it returns is counted on its way back.
        if (judgement.CountsChanges)
            return Diagnostic.Error(SqlStates.FeatureNotSupported, "weir: where a budget on changed rows applies, a function that may change rows can't be called by its oid") with { Hint = "Call the function by a SELECT." };
        return masked.Length > 0 && judgement.Statements is [{ Analysis: { } analysis }] ? WrittenMasks.Check(analysis, parameters, judgement.Policy) : null;
    }

    private void Refuse(Diagnostic refusal)
    {
        Substitute.WriteFunctionCall(state.ToUpstream);
        state.InFlight.Add(InFlightKind.Query).Refusal = refusal;
    }

    private static byte[] TextOf(FunctionSignature function, int arguments)
    {
        var text = new StringBuilder("SELECT ").Append(Quoted(function.Name.Schema)).Append('.').Append(Quoted(function.Name.Name)).Append('(');
        for (var i = 1; i <= arguments; i++)
            text.Append(i == 1 ? "$" : ", $").Append(i);
        return Encoding.UTF8.GetBytes(text.Append(')').ToString());
    }

    private static string Quoted(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private static RecordedParameter[] Parameters(FunctionCall call, ReadOnlySpan<byte> body, FunctionSignature function, int[] masked)
    {
        var parameters = new RecordedParameter[call.ArgumentCount];
        var i = 0;
        foreach (var argument in call.Arguments)
        {
            var offset = 0;
            if (!argument.IsNull && !argument.Value.IsEmpty)
                body.Overlaps(argument.Value, out offset);
            parameters[i] = new RecordedParameter(
                offset,
                argument.IsNull ? -1 : argument.Value.Length,
                masked.Length > 0 && masked.AsSpan().ContainsAny(i + 1, 0),
                argument.Format == FormatCode.Binary,
                i < function.Arguments.Length ? function.Arguments[i] : 0);
            i++;
        }

        return parameters;
    }
}
