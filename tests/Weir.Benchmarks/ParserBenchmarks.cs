using System.Text;
using BenchmarkDotNet.Attributes;
using Weir.Sql.Lexing;
using Weir.Sql.Parsing;

namespace Weir.Benchmarks;

/// <summary>What a statement costs: parsed on a cache miss, and its shape on every statement.</summary>
[MemoryDiagnoser]
public class ParserBenchmarks
{
    private readonly SqlLiteral[] _literals = new SqlLiteral[4_096];
    private byte[] _text = [];
    private byte[] _key = [];
    private PostgresParser _parser = null!;

    [Params("point select", "1 KB join", "10 KB insert", "error")]
    public string Statement { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        _parser = new PostgresParser(new ParserLimits { Deadline = TimeSpan.FromSeconds(10) });
        _text = Encoding.UTF8.GetBytes(Statement switch
        {
            "point select" => "select * from customers where id = $1",
            "1 KB join" => Join(),
            "10 KB insert" => "insert into orders (id, name, amount, at) values "
                + string.Join(", ", Enumerable.Range(0, 300).Select(i => $"({i}, 'name {i}', {i}.50, now())")),
            _ => "selec 1",
        });
        _key = new byte[StatementShape.MaxKeyLength(_text.Length)];
    }

    [GlobalCleanup]
    public void CleanUp() => _parser.Dispose();

    [Benchmark]
    public int Parse()
    {
        using ParseOutcome outcome = _parser.Parse(_text);
        return outcome is ParsedScript script ? script.Statements.Count : 0;
    }

    [Benchmark]
    public ulong Shape()
    {
        var literals = new LiteralList(_literals);
        StatementShape.TryWrite(_text, _key, out _, out ulong hash, ref literals);
        return hash;
    }

    private static string Join() =>
        "select " + string.Join(", ", Enumerable.Range(0, 24).Select(i => $"t{i % 4}.column_{i}"))
        + " from orders t0 join customers t1 on t1.id = t0.customer_id join payments t2 on t2.order_id = t0.id left join refunds t3 on t3.payment_id = t2.id where "
        + string.Join(" and ", Enumerable.Range(0, 20).Select(i => $"t{i % 4}.column_{i} = 'value {i}'"))
        + " order by t0.id desc, t1.full_name limit 100 offset 20";
}
