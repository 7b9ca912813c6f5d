using System.Text;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Tests.Sessions.Support;

/// <content>What a client can say; sent together by the next <see cref="SendAsync"/>.</content>
internal sealed partial class RawClient
{
    public RawClient Query(string sql)
    {
        Weir.Protocol.Postgres.Frontend.Query.Write(Out, Encoding.UTF8.GetBytes(sql));
        return this;
    }

    public RawClient Parse(string name, string sql)
    {
        Weir.Protocol.Postgres.Frontend.Parse.Write(Out, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(sql));
        return this;
    }

    public RawClient Bind(string portal, string statement, params string?[] parameters)
    {
        var writer = BindWriter.Begin(Out, Encoding.UTF8.GetBytes(portal), Encoding.UTF8.GetBytes(statement), [], parameters.Length);
        foreach (var parameter in parameters)
        {
            if (parameter is null)
                writer.WriteNull();
            else
                writer.WriteValue(Encoding.UTF8.GetBytes(parameter));
        }

        writer.End([]);
        return this;
    }

    public RawClient DescribePortal(string name)
    {
        Describe.Write(Out, TargetKind.Portal, Encoding.UTF8.GetBytes(name));
        return this;
    }

    public RawClient DescribeStatement(string name)
    {
        Describe.Write(Out, TargetKind.Statement, Encoding.UTF8.GetBytes(name));
        return this;
    }

    public RawClient Execute(string portal = "", int maxRows = 0)
    {
        Weir.Protocol.Postgres.Frontend.Execute.Write(Out, Encoding.UTF8.GetBytes(portal), maxRows);
        return this;
    }

    /// <summary>Calls a function by its oid, with arguments and result in the text format.</summary>
    public RawClient Call(uint function, params string[] arguments)
    {
        FunctionCall.Write(Out, function, FormatCode.Text, [.. arguments.Select(Encoding.UTF8.GetBytes)], FormatCode.Text);
        return this;
    }

    public RawClient Sync()
    {
        Weir.Protocol.Postgres.Frontend.Sync.Write(Out);
        return this;
    }

    public RawClient Flush()
    {
        Weir.Protocol.Postgres.Frontend.Flush.Write(Out);
        return this;
    }

    /// <summary>Any message at all.</summary>
    public RawClient Message(char type, ReadOnlySpan<byte> body)
    {
        Out.WriteByte((byte)type);
        Out.WriteInt32(body.Length + 4);
        Out.WriteBytes(body);
        return this;
    }
}
