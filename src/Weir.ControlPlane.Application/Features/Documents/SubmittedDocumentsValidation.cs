using System.Text.Json;
using FluentValidation;

namespace Weir.ControlPlane.Application.Features.Documents;

internal static class SubmittedDocumentsValidation
{
    /// <summary>Some documents, not too many, none too long.</summary>
    public static void MustBeDocuments<T>(this AbstractValidator<T> validator, System.Linq.Expressions.Expression<Func<T, IReadOnlyList<JsonElement>>> documents)
    {
        validator.RuleFor(documents).NotEmpty()
            .Must(d => d is null || d.Count <= SubmittedDocuments.MaxDocuments).WithMessage($"At most {SubmittedDocuments.MaxDocuments} documents at a time.");
        validator.RuleFor(documents).ForEach(each => each
            .Must(d => d.ValueKind == JsonValueKind.Object && d.GetRawText().Length <= SubmittedDocuments.MaxDocumentLength)
            .WithMessage($"A document is an object of at most {SubmittedDocuments.MaxDocumentLength} characters."));
    }
}
