using BenchmarkDotNet.Attributes;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Benchmarks;

/// <summary>What the wire costs per buffer: splitting into messages, reading them, replacing values in rows. Allocated bytes must be 0.</summary>
[MemoryDiagnoser]
public class FramingBenchmarks
{
    private const int Rows = 100;

    private readonly MessageWriter _out = new(1 << 16);
    private byte[] _rows = [];
    private byte[] _statements = [];

    [GlobalSetup]
    public void Setup()
    {
        var writer = new MessageWriter();
        for (var i = 0; i < Rows; i++)
        {
            var row = DataRowWriter.Begin(writer, 6);
            row.WriteValue("1234567"u8);
            row.WriteValue("Ann Example"u8);
            row.WriteValue("ann@example.com"u8);
            row.WriteNull();
            row.WriteValue("123-45-6789"u8);
            row.WriteValue("4111111111111111"u8);
            row.End();
        }

        _rows = writer.Written.ToArray();
        writer.Clear();
        WriteExecution(writer);
        _statements = writer.Written.ToArray();
    }

    [Benchmark(OperationsPerInvoke = Rows)]
    public int Scan_rows()
    {
        var scanner = new FrameScanner(_rows, MessageDirection.Backend, ProtocolLimits.Default);
        var bytes = 0;
        while (scanner.TryRead(out var frame) == FrameStatus.Complete)
            bytes += frame.Body.Length;
        return bytes;
    }

    [Benchmark(OperationsPerInvoke = Rows)]
    public int Read_every_value_of_rows()
    {
        var scanner = new FrameScanner(_rows, MessageDirection.Backend, ProtocolLimits.Default);
        var bytes = 0;
        while (scanner.TryRead(out var frame) == FrameStatus.Complete)
        {
            foreach (var field in DataRow.Read(frame.Body).Fields)
                bytes += field.Value.Length;
        }

        return bytes;
    }

    [Benchmark(OperationsPerInvoke = Rows)]
    public int Replace_two_values_of_rows()
    {
        _out.Clear();
        var scanner = new FrameScanner(_rows, MessageDirection.Backend, ProtocolLimits.Default);
        while (scanner.TryRead(out var frame) == FrameStatus.Complete)
        {
            var row = DataRowRewriter.Begin(_out, frame.Body);
            row.MoveTo(4);
            row.Replace("*******6789"u8);
            row.MoveTo(5);
            row.Replace("************1111"u8);
            row.End();
        }

        return _out.Length;
    }

    [Benchmark]
    public int Read_a_prepared_execution()
    {
        var scanner = new FrameScanner(_statements, MessageDirection.Frontend, ProtocolLimits.Default);
        var bytes = 0;
        while (scanner.TryRead(out var frame) == FrameStatus.Complete)
        {
            switch (frame.FrontendType)
            {
                case FrontendMessageType.Bind:
                    foreach (var parameter in Bind.Read(frame.Body).Parameters)
                        bytes += parameter.Value.Length;
                    break;
                case FrontendMessageType.Execute:
                    bytes += Execute.Read(frame.Body).MaxRows;
                    break;
                case FrontendMessageType.Sync:
                    Sync.Read(frame.Body);
                    break;
            }
        }

        return bytes;
    }

    private static void WriteExecution(MessageWriter writer)
    {
        var bind = BindWriter.Begin(writer, [], "P_1"u8, [FormatCode.Binary], 1);
        bind.WriteValue([0, 0, 0, 42]);
        bind.End([FormatCode.Text]);
        Execute.Write(writer, []);
        Sync.Write(writer);
    }
}
