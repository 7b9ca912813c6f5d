namespace Weir.WebConsole.Format;

/// <summary>What differs between two texts, line by line.</summary>
internal static class LineDiff
{
    /// <summary>The table of a comparison grows with the product of the lengths.</summary>
    private const int MaxLines = 2000;

    private const int Context = 3;

    /// <summary>Changed lines with those around them; a line of kind <c>…</c> stands for what is left out. Empty when the texts are equal.</summary>
    /// <returns>Null when the texts are too long to compare.</returns>
    public static IReadOnlyList<DiffLine>? Of(string before, string after)
    {
        var (old, now) = (before.Split('\n'), after.Split('\n'));
        if (old.Length > MaxLines || now.Length > MaxLines)
        {
            return null;
        }

        return Shorten(Compare(old, now));
    }

    private static List<DiffLine> Compare(string[] old, string[] now)
    {
        // common[i, j]: length of the longest common subsequence of what follows old line i and new line j.
        var common = new int[old.Length + 1, now.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
        {
            for (var j = now.Length - 1; j >= 0; j--)
            {
                common[i, j] = old[i] == now[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var lines = new List<DiffLine>();
        for (int i = 0, j = 0; i < old.Length || j < now.Length;)
        {
            if (i < old.Length && j < now.Length && old[i] == now[j])
            {
                lines.Add(new(' ', old[i]));
                (i, j) = (i + 1, j + 1);
            }
            else if (j == now.Length || (i < old.Length && common[i + 1, j] >= common[i, j + 1]))
            {
                lines.Add(new('-', old[i++]));
            }
            else
            {
                lines.Add(new('+', now[j++]));
            }
        }

        return lines;
    }

    private static List<DiffLine> Shorten(List<DiffLine> lines)
    {
        var shown = new List<DiffLine>();
        var isLeftOut = false;
        for (var i = 0; i < lines.Count; i++)
        {
            var from = Math.Max(0, i - Context);
            if (lines.Skip(from).Take(i + Context + 1 - from).Any(l => l.Kind != ' '))
            {
                shown.Add(lines[i]);
                isLeftOut = false;
            }
            else if (!isLeftOut)
            {
                shown.Add(new('…', ""));
                isLeftOut = true;
            }
        }

        return shown.All(l => l.Kind == '…') ? [] : shown;
    }
}
