namespace Weir.Policy.Documents;

public enum BudgetExceeded
{
    Rollback,
    Review,
}
