"""The gate between *Sedekah Oksigen* and public services: what a policy may ask of whom, and what no policy can ever touch."""

from kampung_cloud.gate.deciding import Applicant, Decision, Proof, decide
from kampung_cloud.gate.denylist import denied
from kampung_cloud.gate.policy import Policy, load_policy, parse_policy

__all__ = ["Applicant", "Decision", "Policy", "Proof", "decide", "denied", "load_policy", "parse_policy"]
