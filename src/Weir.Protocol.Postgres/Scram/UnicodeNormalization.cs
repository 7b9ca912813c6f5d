namespace Weir.Protocol.Postgres.Scram;

/// <summary>Normalization form KC (Unicode Standard Annex 15): decompose, order the combining marks, compose.</summary>
internal static class UnicodeNormalization
{
    // Hangul syllables are computed, not listed (Unicode Standard, section 3.12).
    private const int SyllableBase = 0xac00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TrailBase = 0x11a7;
    private const int VowelCount = 21;
    private const int TrailCount = 28;
    private const int SyllableCount = 19 * VowelCount * TrailCount;

    internal static List<int> ToNfkc(IReadOnlyList<int> codes, UnicodeTables tables)
    {
        var result = new List<int>(codes.Count);
        foreach (var code in codes)
            Decompose(code, tables, result);
        OrderMarks(result, tables);
        Compose(result, tables);
        return result;
    }

    private static void Decompose(int code, UnicodeTables tables, List<int> result)
    {
        var syllable = code - SyllableBase;
        if (syllable is >= 0 and < SyllableCount)
        {
            result.Add(LeadBase + (syllable / (VowelCount * TrailCount)));
            result.Add(VowelBase + (syllable / TrailCount % VowelCount));
            if (syllable % TrailCount != 0)
                result.Add(TrailBase + (syllable % TrailCount));
        }
        else if (tables.TryDecompose(code, out var decomposition))
        {
            result.AddRange(decomposition!);
        }
        else
        {
            result.Add(code);
        }
    }

    /// <summary>Sorts each run of marks by class, keeping the order within a class.</summary>
    private static void OrderMarks(List<int> codes, UnicodeTables tables)
    {
        for (var i = 1; i < codes.Count; i++)
        {
            var mark = codes[i];
            var order = tables.CombiningClass(mark);
            if (order == 0)
                continue;
            var at = i;
            for (; at > 0 && tables.CombiningClass(codes[at - 1]) > order; at--)
                codes[at] = codes[at - 1];
            codes[at] = mark;
        }
    }

    private static void Compose(List<int> codes, UnicodeTables tables)
    {
        var starter = -1;
        var lastClass = 0;
        var length = 0;
        for (var i = 0; i < codes.Count; i++)
        {
            var code = codes[i];
            var order = tables.CombiningClass(code);

            // Blocked: between it and the starter stands another starter or a mark of the same or a higher class.
            var isAdjacent = starter == length - 1;
            if (starter >= 0 && (isAdjacent || (lastClass != 0 && lastClass < order)) && TryCompose(codes[starter], code, tables, out var composed))
            {
                codes[starter] = composed;
                continue;
            }

            if (order == 0)
                starter = length;
            lastClass = order;
            codes[length++] = code;
        }

        codes.RemoveRange(length, codes.Count - length);
    }

    private static bool TryCompose(int first, int second, UnicodeTables tables, out int composed)
    {
        if (first is >= LeadBase and < LeadBase + 19 && second is >= VowelBase and < VowelBase + VowelCount)
        {
            composed = SyllableBase + ((((first - LeadBase) * VowelCount) + second - VowelBase) * TrailCount);
            return true;
        }

        var syllable = first - SyllableBase;
        if (syllable is >= 0 and < SyllableCount && syllable % TrailCount == 0 && second is > TrailBase and < TrailBase + TrailCount)
        {
            composed = first + second - TrailBase;
            return true;
        }

        return tables.TryCompose(first, second, out composed);
    }
}
