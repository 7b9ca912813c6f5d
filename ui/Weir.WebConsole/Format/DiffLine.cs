namespace Weir.WebConsole.Format;

/// <param name="Kind"><c>+</c> added, <c>-</c> removed, a blank for neither, <c>…</c> for lines that are left out.</param>
public readonly record struct DiffLine(char Kind, string Text);
