-- keyd_replan: plans that were made while the tables were smaller
-- in:
-- out:
DISCARD PLANS
