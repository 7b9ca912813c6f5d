using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Domain;

namespace Weir.ControlPlane.Application;

/// <summary>Where a page of a list ordered by time and id ended. Opaque to clients.</summary>
internal readonly record struct PageCursor(DateTimeOffset At, Guid Id)
{
    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Timestamp.UnixMicros(At)}.{Id:N}")));

    /// <summary>Null for the first page.</summary>
    /// <exception cref="ValidationFailedException">It is none of ours.</exception>
    public static PageCursor? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (text.Length <= 100 && Base64Url.IsValid(text))
        {
            var parts = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text)).Split('.');
            if (parts.Length == 2 && long.TryParse(parts[0], CultureInfo.InvariantCulture, out var micros) && Guid.TryParseExact(parts[1], "N", out var id)
                && micros is > 0 and < 253_402_300_799_999_999)
            {
                return new(Timestamp.FromUnixMicros(micros), id);
            }
        }

        throw new ValidationFailedException("after", "This is not a position that a list has returned.");
    }
}
