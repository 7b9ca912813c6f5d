namespace Weir.Agent.Tests.Fuzzing;

/// <summary>
/// Mutates inputs, runs them, and keeps those that took a branch which none before took. Without a clock: the same seed and number of runs do the same, as far as the target does.
/// </summary>
/// <param name="target">Throws when something is wrong.</param>
/// <param name="seeds">Inputs to begin with.</param>
/// <param name="words">Pieces that inputs are made of, which chance would not find.</param>
internal sealed class CoverageFuzzer(Action<byte[]> target, IReadOnlyList<byte[]> seeds, IReadOnlyList<byte[]> words)
{
    private const int MaxInput = 4_096;

    private static readonly int[] Numbers = [0, 1, 3, 4, 5, 8, -1, int.MinValue, int.MaxValue, 0x00010000, 0x01000000, 1 << 30];

    private readonly CoverageMap _map = new();
    private readonly List<byte[]> _corpus = [];

    /// <summary>Branches taken by all inputs together.</summary>
    public int Edges => _map.Edges;

    /// <summary>Inputs that were worth keeping.</summary>
    public IReadOnlyList<byte[]> Corpus => _corpus;

    /// <param name="isGuided">False: mutates the seeds only, as if nothing were known of what they do.</param>
    /// <exception cref="FuzzFindingException">The target threw.</exception>
    public void Run(int seed, int runs, bool isGuided = true)
    {
        var random = new Random(seed);
        foreach (var input in seeds)
        {
            RunOne(input, seed, -1);
            _corpus.Add(input);
        }

        for (var run = 0; run < runs; run++)
        {
            // New finds are looked at most: what lies behind them has been tried least.
            var from = random.Next(3) == 0 ? _corpus.Count - 1 - random.Next(Math.Min(_corpus.Count, 16)) : random.Next(_corpus.Count);
            var input = Mutate(random, _corpus[from]);
            if (RunOne(input, seed, run) && isGuided)
                _corpus.Add(input);
        }
    }

    private bool RunOne(byte[] input, int seed, int run)
    {
        CoverageMap.Begin();
        try
        {
            target(input);
        }
        catch (Exception fault)
        {
            throw new FuzzFindingException(seed, run, Shrink(input, fault.GetType()), fault);
        }

        return _map.IsNews();
    }

    /// <summary>Leaves out what the fault does not need.</summary>
    private byte[] Shrink(byte[] input, Type fault)
    {
        for (var piece = Math.Max(1, input.Length / 2); piece > 0; piece /= 2)
        {
            for (var at = 0; at + piece <= input.Length;)
            {
                byte[] shorter = [.. input[..at], .. input[(at + piece)..]];
                if (Fails(shorter, fault))
                    input = shorter;
                else
                    at += piece;
            }
        }

        return input;
    }

    private bool Fails(byte[] input, Type fault)
    {
        try
        {
            target(input);
            return false;
        }
        catch (Exception again)
        {
            return again.GetType() == fault;
        }
    }

    private byte[] Mutate(Random random, byte[] input)
    {
        var bytes = new List<byte>(input);
        for (var wounds = 1 << random.Next(4); wounds > 0; wounds--)
        {
            var at = bytes.Count == 0 ? 0 : random.Next(bytes.Count);
            var length = Math.Min(bytes.Count - at, 1 << random.Next(6));
            switch (random.Next(bytes.Count == 0 ? 2 : 10))
            {
                case 0:
                    bytes.InsertRange(at, words[random.Next(words.Count)]);
                    break;
                case 1:
                    bytes.InsertRange(at, Enumerable.Range(0, random.Next(1, 9)).Select(_ => (byte)random.Next(256)));
                    break;
                case 2:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 3:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 4:
                    bytes[at] = (byte)(bytes[at] + random.Next(-8, 9));
                    break;
                case 5:
                    bytes.RemoveRange(at, length);
                    break;
                case 6:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                case 7:
                    Set(bytes, at, Numbers[random.Next(Numbers.Length)], random.Next(2) == 0 ? 4 : 2);
                    break;
                case 8:
                    bytes.AddRange(words[random.Next(words.Count)]);
                    break;
                default:
                    var other = _corpus[random.Next(_corpus.Count)];
                    bytes.RemoveRange(at, bytes.Count - at);
                    bytes.AddRange(other.AsSpan(other.Length == 0 ? 0 : random.Next(other.Length)));
                    break;
            }
        }

        return [.. bytes.Take(MaxInput)];
    }

    private static void Set(List<byte> bytes, int at, int number, int width)
    {
        for (var i = 0; i < width && at + i < bytes.Count; i++)
            bytes[at + i] = (byte)(number >> (8 * (width - 1 - i)));
    }
}
