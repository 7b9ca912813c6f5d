namespace Weir.Policy.Documents;

public enum BudgetScope
{
    Statement,
    Transaction,
    Session,
}
