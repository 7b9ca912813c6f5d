using System.Numerics;
using System.Reflection;

namespace Weir.Agent.Tests.Fuzzing;

/// <summary>
/// Where instrumented code counts the branches that it takes, as AFL's does: one byte for each pair of basic blocks that followed each other. One for the process: the code knows one address.
/// </summary>
internal sealed unsafe class CoverageMap
{
    private const int Size = 1 << 16;

    private static readonly byte[] Counts = GC.AllocateArray<byte>(Size, pinned: true);

    // By reflection: SharpFuzz takes an assembly that refers to the type for one that it has dealt with already.
    private static readonly Type Trace = Type.GetType("SharpFuzz.Common.Trace, SharpFuzz.Common", throwOnError: true)!;
    private static readonly FieldInfo PrevLocation = Trace.GetField(nameof(PrevLocation))!;

    private readonly byte[] _seen = new byte[Size];

    /// <summary>Must have been called before any instrumented code runs.</summary>
    public static void Prepare()
    {
        fixed (byte* first = Counts)
            Trace.GetField("SharedMem")!.SetValue(null, Pointer.Box(first, typeof(byte*)));
    }

    /// <summary>Pairs of basic blocks seen so far.</summary>
    public int Edges { get; private set; }

    public static void Begin()
    {
        PrevLocation.SetValue(null, 0);
        Array.Clear(Counts);
    }

    /// <summary>Adds what was counted since <see cref="Begin"/>.</summary>
    /// <returns>Whether a pair was new, or followed each other an order of magnitude more often than ever.</returns>
    public bool IsNews()
    {
        var isNews = false;
        for (var start = 0; start < Size; start += Vector<byte>.Count)
        {
            if (new Vector<byte>(Counts, start) == Vector<byte>.Zero)
                continue;
            for (var i = start; i < start + Vector<byte>.Count; i++)
            {
                // 1, 2, 3, 4-7, 8-15, 16-31, 32-127 and more, as AFL's buckets.
                var bucket = Counts[i] switch { 0 => 0, 1 => 1, 2 => 2, 3 => 4, < 8 => 8, < 16 => 16, < 32 => 32, < 128 => 64, _ => 128 };
                if ((bucket & ~_seen[i]) == 0)
                    continue;
                Edges += _seen[i] == 0 ? 1 : 0;
                _seen[i] |= (byte)bucket;
                isNews = true;
            }
        }

        return isNews;
    }
}
