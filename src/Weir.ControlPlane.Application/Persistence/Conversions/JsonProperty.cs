using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Weir.ControlPlane.Application.Persistence.Conversions;

internal static class JsonProperty
{
    /// <summary>Kept in a <c>jsonb</c> column. The value is immutable: entities replace it whole.</summary>
    public static PropertyBuilder<T> HasJson<T>(this PropertyBuilder<T> property)
    {
        property.HasConversion(
            value => JsonText.Write(value),
            text => JsonText.Read<T>(text),
            new ValueComparer<T>(
                (a, b) => ReferenceEquals(a, b) || (a != null && b != null && JsonText.Write(a) == JsonText.Write(b)),
                value => value == null ? 0 : JsonText.Write(value).GetHashCode(StringComparison.Ordinal),
                value => value));
        return property.HasColumnType("jsonb");
    }
}
