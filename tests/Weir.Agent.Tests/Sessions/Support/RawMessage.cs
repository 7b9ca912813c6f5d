using System.Text;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Tests.Sessions.Support;

/// <summary>A message of the server. Its text form is what tests compare.</summary>
internal readonly record struct RawMessage(BackendMessageType Type, byte[] Body)
{
    public Diagnostic Diagnostic => ErrorResponse.Read(Body).ToDiagnostic();

    /// <summary>Values of a DataRow as text; null for NULL.</summary>
    public string?[] Row
    {
        get
        {
            var values = new List<string?>();
            foreach (var value in DataRow.Read(Body).Fields)
                values.Add(value.IsNull ? null : Encoding.UTF8.GetString(value.Value));
            return [.. values];
        }
    }

    /// <summary>Such as <c>T</c>, <c>D:1,x</c>, <c>C:SELECT 1</c>, <c>E:42501</c>, <c>Z:I</c>: the type, and what makes it different from others.</summary>
    public override string ToString() => Type switch
    {
        BackendMessageType.DataRow => "D:" + string.Join(",", Row.Select(v => v ?? "NULL")),
        BackendMessageType.CommandComplete => "C:" + Encoding.UTF8.GetString(Body.AsSpan(0, Body.Length - 1)),
        BackendMessageType.ErrorResponse => "E:" + Diagnostic.SqlState,
        BackendMessageType.NoticeResponse => "N:" + NoticeResponse.Read(Body).ToDiagnostic().Message,
        BackendMessageType.ReadyForQuery => "Z:" + (char)Body[0],
        BackendMessageType.ParameterStatus => "S",
        BackendMessageType.FunctionCallResponse => "V:" + (FunctionCallResponse.Read(Body) is { IsNull: false } result ? Encoding.UTF8.GetString(result.Value) : "NULL"),
        _ => ((char)Type).ToString(),
    };
}
