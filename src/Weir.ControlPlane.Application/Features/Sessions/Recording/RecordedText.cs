using System.Diagnostics.CodeAnalysis;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Sessions.Recording;

/// <summary>Text as PostgreSQL can hold it: it knows no NUL character. The event itself keeps the exact bytes.</summary>
internal static class RecordedText
{
    public static string Clean(string text) => text.Contains('\0', StringComparison.Ordinal) ? text.Replace('\0', '\uFFFD') : text;

    /// <summary>At most so many characters; a surrogate pair is not cut in two.</summary>
    public static string Clean(string text, int maxLength)
    {
        if (text.Length > maxLength)
        {
            text = text[..(char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];
        }

        return Clean(text);
    }

    /// <summary>Null for what is null or empty.</summary>
    public static string? CleanOrNull(string? text, int maxLength) => string.IsNullOrEmpty(text) ? null : Clean(text, maxLength);

    public static DecisionReason Clean(DecisionReason reason) => reason with
    {
        Source = Clean(reason.Source),
        Rule = Clean(reason.Rule),
        Verdict = Clean(reason.Verdict),
        Message = Clean(reason.Message),
        Hint = Clean(reason.Hint),
    };

    /// <summary>A parameter as people read it; null for NULL.</summary>
    [return: NotNullIfNotNull(nameof(parameter))]
    public static string? Of(RecordedBody.Parameter parameter)
    {
        if (parameter.IsNull)
        {
            return null!;
        }

        if (!parameter.IsBinary)
        {
            return Clean(parameter.Value);
        }

        var bytes = new byte[parameter.Value.Length];
        return Convert.TryFromBase64String(parameter.Value, bytes, out var length)
            ? Clean(PostgresValueText.Of(bytes.AsSpan(0, length), parameter.TypeOid, isBinary: true))
            : Clean(parameter.Value);
    }
}
