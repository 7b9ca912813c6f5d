using System.Globalization;

namespace Weir.Agent.Tests.Fuzzing;

/// <summary>
/// Framing and the state machine of sessions, fuzzed by coverage: briefly, and the same in every run. WEIR_LONG_TESTS=1 takes long and begins elsewhere each time; WEIR_FUZZ_SEED and WEIR_FUZZ_RUNS say where and
/// how much; WEIR_FUZZ_INPUT runs one input, as a failure prints it. In one class, because the counted code has one map.
/// </summary>
public sealed class CoverageFuzzTests(ITestOutputHelper output)
{
    private static readonly Lazy<InstrumentedAssemblies> Instrumented = new(() => new InstrumentedAssemblies(new Dictionary<string, string[]>
    {
        ["Weir.Protocol.Postgres"] = ["Weir.Protocol.Postgres"],
        ["weir-agent"] = ["Weir.Agent.Sessions", "Weir.Agent.Masking", "Weir.Agent.Upstream"],
        ["Weir.Agent.Tests"] = [typeof(PlantedDefect).FullName!],
    }));

    private static bool IsLong => Environment.GetEnvironmentVariable("WEIR_LONG_TESTS") == "1";

    private static int Seed => Number("WEIR_FUZZ_SEED") ?? (IsLong ? Environment.TickCount : 1);

    [Fact]
    public void A_defect_that_chance_does_not_find_is_found_by_coverage_and_shrunk_to_what_it_needs()
    {
        byte[][] seeds = [[.. "begin"u8]];
        var target = Instrumented.Value.Call<Action<byte[]>>(typeof(PlantedDefect), nameof(PlantedDefect.Create));
        new CoverageFuzzer(target, seeds, [[0]]).Run(1, 60_000, isGuided: false);
        var found = Should.Throw<FuzzFindingException>(() => new CoverageFuzzer(target, seeds, [[0]]).Run(1, 60_000));
        found.Input.ShouldBe([0x57, 0xE1, 0x1C, 0x9B]);
        found.Message.ShouldContain("WEIR_FUZZ_INPUT=57e11c9b");
    }

    [Fact]
    public void Every_stream_is_messages_or_is_refused_however_it_is_cut()
    {
        var seeds = FramingTarget.Seeds();
        byte[][] words = [.. seeds.Select(s => s[1..]), [0], [0, 0, 0, 4], [255, 255, 255, 255], [0, 0, 1, 4]];
        Fuzz("framing", Instrumented.Value.Call<Action<byte[]>>(typeof(FramingTarget), nameof(FramingTarget.Create)), seeds, words, 30_000);
    }

    [Fact]
    public async Task Whatever_both_peers_say_a_session_keeps_its_promises()
    {
        var (run, stop) = await Instrumented.Value.Call<Task<(Action<byte[]>, Func<Task>)>>(typeof(SessionTarget), nameof(SessionTarget.CreateAsync));
        try
        {
            Fuzz("sessions", run, Seeds(), Words(), 3_000);
        }
        finally
        {
            await stop();
        }
    }

    private void Fuzz(string what, Action<byte[]> target, byte[][] seeds, byte[][] words, int runs)
    {
        if (Environment.GetEnvironmentVariable("WEIR_FUZZ_INPUT") is { Length: > 0 } input)
        {
            target(Convert.FromHexString(input));
            return;
        }

        runs = Number("WEIR_FUZZ_RUNS") ?? (IsLong ? 200 * runs : runs);
        var fuzzer = new CoverageFuzzer(target, seeds, words);
        fuzzer.Run(Seed, runs);
        output.WriteLine($"{what}: seed {Seed}, {runs} runs, {fuzzer.Edges} branches, {fuzzer.Corpus.Count} inputs kept");
    }

    /// <summary>Ordinary conversations: see <see cref="FuzzedSession"/> for what the pairs are.</summary>
    private static byte[][] Seeds()
    {
        byte[] answered = [10, 0];
        var seeds = new List<byte[]>();
        for (byte text = 0; text < SessionTarget.Texts.Length; text++)
        {
            seeds.Add([0, text, .. answered]);
            seeds.Add([1, (byte)(text << 2), 4, 0, 2, 0, 4, 4, 3, 0, 6, 0, .. answered]);
            seeds.Add([1, (byte)((text << 2) | 1), 2, (1 << 2) | 1, 3, 1, 5, 1, 6, 0, 0, text, .. answered]);
            seeds.Add([0, 5, .. answered, 0, text, .. answered, 0, 8, .. answered, 0, text, .. answered, 0, 7, .. answered]);
        }

        seeds.Add([7, 0, .. answered]);
        seeds.Add([0, 18, .. answered, 0, 19, .. answered, 8, 0, 8, 1, .. answered]);
        seeds.Add([0, 18, .. answered, 0, 19, .. answered, 8, 0, 8, 2, .. answered]);
        foreach (byte end in new byte[] { 1, 2 })
            seeds.Add([0, 18, .. answered, 1, 19 << 2, 2, 0, 3, 0, 6, 0, .. answered, 8, 0, 8, end, 6, 0, .. answered, 0, 0, .. answered]);
        seeds.Add([14, 3, 0, 1, 10, 9, 10, 0, 13, 1, 12, 16, 12, 21]);
        return [.. seeds];
    }

    private static byte[][] Words()
    {
        var words = new List<byte[]> { new byte[] { 10, 0 }, new byte[] { 6, 0 }, new byte[] { 6, 1 }, new byte[] { 15, 0 }, new byte[] { 7, 0 }, new byte[] { 10, 7 }, new byte[] { 14, 1 }, new byte[] { 14, 0 }, new byte[] { 9, 5, 81, 0, 0, 0, 4 } };
        for (byte i = 0; i < SessionTarget.Texts.Length; i++)
            words.Add([0, i]);
        for (byte i = 0; i < 40; i++)
            words.Add([12, i]);
        for (byte i = 0; i < 5; i++)
            words.Add([13, i]);
        for (byte i = 0; i < 4; i++)
            words.AddRange([[1, (byte)((4 << i) | i)], [2, (byte)(i | (i << 2))], [3, i], [4, i], [4, (byte)(4 | i)], [5, i], [8, i]]);
        return [.. words];
    }

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
